"""The CPS in the portal."""

from typing import Any, Final

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit.pages import history_tab
from apps.core.actor import Actor
from apps.core.web import certificates, display, filters
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.certificates import Link
from apps.core.web.display import Badge
from apps.core.web.exporting import columns
from apps.core.web.navigation import Group
from apps.core.web.pages import Page, Tab, Text
from apps.provisioning_service import rolling, visibility
from apps.provisioning_service.models import Signer
from apps.provisioning_service.rolling import Obstacle
from apps.root_pool import verdict
from apps.root_pool.pages import links_above
from v2g.pki.profiles import CPS_LEAF


def signer_badge(signer: Signer) -> Badge:
    if not signer.active:
        return Badge(_("Retired"))
    return display.validity(signer.not_before, signer.not_after)


@admin.register(Signer)
class SignerAdmin(ScopedAdmin):
    """The certificates that sign contract data; every role may know them."""

    slug = "signers"
    roles = EVERYBODY
    menu_title = _("CPS signers")
    menu_icon = "draw"
    menu_group = Group.TRUST
    menu_order = 25
    empty_text = _("A signer appears here once one is created for a V2G root.")
    list_display = ("name", "root_column", "created", "ends", "status")
    sortable_by = ("created",)
    list_select_related = ("root", "certificate")
    list_filter = (
        filters.choice("active", _("Signs"), (("True", _("Yes")), ("False", _("No")))),
        filters.end("not_after", _("Valid until")),
    )
    search_fields = ("certificate__common_name__istartswith",)
    search_help_text = _("Common name, from its beginning")
    export_columns = columns(
        common_name="certificate__common_name",
        root="root",
        signs="active",
        created="created_at",
        valid_until="not_after",
        fingerprint="certificate__fingerprint",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return visibility.visible(viewer)

    @admin.display(description=_("Common name"))
    def name(self, signer: Signer) -> str:
        return signer.certificate.common_name

    @admin.display(description=_("V2G root"))
    def root_column(self, signer: Signer) -> str:
        return str(signer.root)

    @admin.display(description=_("Created"), ordering="pk")
    def created(self, signer: Signer) -> SafeString | str:
        return display.date_cell(signer.created_at)

    @admin.display(description=_("Valid until"))
    def ends(self, signer: Signer) -> SafeString | str:
        return display.date_cell(signer.not_after)

    @admin.display(description=_("Status"))
    def status(self, signer: Signer) -> SafeString:
        return display.badge(signer_badge(signer))

    def page(self, signer: Signer, viewer: Actor) -> Page:
        links = _links(signer)
        chain = certificates.chain_card(links)
        facts = certificates.facts_card(signer.der)
        now = verdict.links_card(links, profile=CPS_LEAF, namespace=signer.namespace)
        return Page(
            heading=signer.certificate.common_name,
            badges=(signer_badge(signer),),
            alert=_alert(signer),
            files=certificates.files(links),
            line=_("Signs contract data for %(root)s · valid until %(day)s")
            % {"root": signer.root, "day": display.day(signer.not_after)},
            tabs=(
                Tab(key="chain", title=_("Chain"), cards=(chain, now, facts)),
                history_tab(viewer, "signer", bytes(signer.certificate.fingerprint or b"").hex()),
            ),
        )


_OBSTACLES: Final = {
    Obstacle.NO_AUTHORITY: _("This signer ends soon, and no CPS authority here can follow it."),
    Obstacle.AUTHORITY_ENDS: _("This signer ends soon, and its CPS authority does, too."),
    Obstacle.REVOKED: _(
        "The last signer of this root was revoked. Make another one, or remove the root."
    ),
}


def _alert(signer: Signer) -> Text:
    """Say what only a person can do about the signer of a root, if anything."""
    due = next((one for one in rolling.due(now=timezone.now()) if one.signer == signer), None)
    return _OBSTACLES[due.obstacle] if due and due.obstacle else ""


def _links(signer: Signer) -> list[Link]:
    above = links_above(signer.root, signer.sub_ca1, signer.sub_ca2)
    return [*above, Link(kind=_("CPS"), der=bytes(signer.der), icon="draw")]
