"""The PCP in the portal."""

from base64 import b64encode
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit.pages import history_tab
from apps.core.actor import Actor, Role
from apps.core.web import certificates, display, filters
from apps.core.web.admin import ScopedAdmin
from apps.core.web.display import Badge
from apps.core.web.exporting import Column, columns
from apps.core.web.pages import Fact, FactsCard, Page, Tab
from apps.provisioning_pool import decisions, pages, selectors
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import verdict
from v2g.pki.profiles import OEM_LEAF


@admin.register(ProvisioningCertificate)
class ProvisioningCertificateAdmin(ScopedAdmin):
    """One certificate per vehicle: an OEM's own ones, all for the operator."""

    slug = "vehicles"
    roles = frozenset({Role.OEM, Role.OPERATOR})
    menu_title = _("Vehicles")
    menu_icon = "directions_car"
    menu_order = 10
    empty_text = _("Provisioning certificates that the OEM backend publishes appear here.")
    url_field = "pcid"
    ordering = ("-not_after", "-id")
    list_display = ("pcid_column", "root_column", "published", "ends", "status")
    sortable_by = ("ends",)
    operator_columns = ("owner_column",)
    list_select_related = ("owner", "root")
    list_filter = (
        filters.end("not_after", _("Valid until")),
        filters.period("published_at", _("Published")),
    )
    search_fields = ("pcid__startswith",)
    search_upper = True
    search_help_text = _("PCID, from its beginning")
    found_by = frozenset({"fingerprint"})
    export_columns = (
        *columns(
            pcid="pcid",
            valid_from="not_before",
            valid_until="not_after",
            published="published_at",
            fingerprint="fingerprint",
            previous_pcid="previous_pcid",
        ),
        Column("certificate", lambda vehicle: b64encode(bytes(vehicle.der)).decode()),
    )
    action_pages = decisions.ACTION_PAGES

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    @admin.display(description=_("PCID"))
    def pcid_column(self, vehicle: ProvisioningCertificate) -> SafeString | str:
        return display.code(vehicle.pcid)

    @admin.display(description=_("OEM"))
    def owner_column(self, vehicle: ProvisioningCertificate) -> str:
        return str(vehicle.owner)

    @admin.display(description=_("Root"))
    def root_column(self, vehicle: ProvisioningCertificate) -> str:
        return str(vehicle.root)

    @admin.display(description=_("Published"))
    def published(self, vehicle: ProvisioningCertificate) -> SafeString | str:
        return display.date_cell(vehicle.published_at)

    @admin.display(description=_("Valid until"), ordering="not_after")
    def ends(self, vehicle: ProvisioningCertificate) -> SafeString | str:
        return display.date_cell(vehicle.not_after)

    @admin.display(description=_("Status"))
    def status(self, vehicle: ProvisioningCertificate) -> SafeString:
        return display.badge(display.validity(vehicle.not_before, vehicle.not_after))

    def page(self, vehicle: ProvisioningCertificate, viewer: Actor) -> Page:
        checks = certificates.checks_card(
            vehicle.checks, pages.labels(vehicle), vehicle.published_at
        )
        links = pages.links(vehicle)
        chain = certificates.chain_card(links)
        now = verdict.links_card(links, profile=OEM_LEAF, namespace=vehicle.namespace)
        return Page(
            heading=vehicle.pcid,
            code=True,
            line=_("Provisioning certificate · valid until %(day)s (%(distance)s)")
            % {
                "day": display.day(vehicle.not_after),
                "distance": display.distance(vehicle.not_after),
            },
            badges=_badges(vehicle),
            files=certificates.files(links),
            tabs=(
                Tab(key="chain", title=_("Chain and checks"), cards=(chain, now, checks)),
                Tab(
                    key="details",
                    title=_("Details"),
                    cards=(certificates.facts_card(vehicle.der), _pool_card(vehicle)),
                ),
                history_tab(viewer, "vehicle", vehicle.pcid),
            ),
        )


def _badges(vehicle: ProvisioningCertificate) -> tuple[Badge, ...]:
    """Where the validity stands, and that reads refuse the vehicle for another reason."""
    validity = display.validity(vehicle.not_before, vehicle.not_after)
    refusal = selectors.refusal(vehicle, at=timezone.now())
    if refusal is None or refusal.code in ("expired", "not_yet_valid"):
        return (validity,)
    if refusal.code == "revoked":
        return (validity, Badge(_("Revoked"), "danger"))
    return (validity, Badge(_("Not handed out"), "warning"))


def _pool_card(vehicle: ProvisioningCertificate) -> FactsCard:
    known = ", ".join(str(name) for name in vehicle.v2g_roots) or _("Not stated by the OEM")
    return FactsCard(
        title=_("In the pool"),
        facts=(
            Fact(label=_("PCID"), value=vehicle.pcid, code=True, copy=True),
            Fact(label=_("OEM"), value=vehicle.owner.name),
            Fact(label=_("Published"), value=display.moment_cell(vehicle.published_at)),
            Fact(label=_("Protocol"), value=vehicle.namespace, code=True),
            Fact(label=_("V2G roots in the vehicle"), value=known, code=bool(vehicle.v2g_roots)),
            Fact(label=_("Replaced PCID"), value=vehicle.previous_pcid, code=True),
        ),
    )
