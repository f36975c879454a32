"""Our authorities, what they issued, and the sub-CAs of others in the portal."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, Role
from apps.core.web import display, filters, workflows
from apps.core.web.admin import EVERYBODY, OPERATOR, ScopedAdmin
from apps.core.web.deciding import ListLink
from apps.core.web.decisions import Decision
from apps.core.web.exporting import columns
from apps.core.web.membership import viewer_of
from apps.core.web.navigation import Group
from apps.core.web.pages import Page
from apps.core.web.workflows import Step, Workflow
from apps.pki import decisions, lasting, pages, requests_page, selectors, views
from apps.pki.handing_in import HandInSigned
from apps.pki.models import Authority, EnrolmentRequest, IssuedCertificate, SubCa
from apps.pki.signing_forms import kinds_for

YES_NO = (("True", _("Yes")), ("False", _("No")))


class RolledFilter(filters.ChoiceFilter):
    """Whether Plugpool follows a certificate by itself. Only the operator has such ones."""

    title = _("Renewed")
    parameters = ("rolled",)
    options = (("no", _("By its owner")), ("yes", _("By itself")))

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.is_shown = viewer_of(request).has(Role.OPERATOR)

    def has_output(self) -> bool:
        return self.is_shown

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        rolled = Q(profile__in=lasting.ROLLED)
        chosen = {"no": ~rolled, "yes": rolled}
        return queryset.filter(chosen[self.value]) if self.value else queryset


REQUESTS = workflows.register(
    Workflow(
        slug="request-certificate",
        title=_("Request a certificate"),
        icon="add",
        roles=frozenset({Role.CPO, Role.MO, Role.OEM, Role.CPS}),
        in_menu=False,
        steps=(
            Step(path="", name="pki_request", view=views.ask),
            Step(path="order/", name="pki_order", view=views.order, methods=frozenset({"POST"})),
        ),
    )
)


@admin.register(IssuedCertificate)
class IssuedCertificateAdmin(ScopedAdmin):
    """What our authorities signed: a party's own certificates, all for the operator."""

    slug = "issued-certificates"
    roles = EVERYBODY
    menu_title = _("Issued certificates")
    menu_icon = "badge"
    menu_group = Group.TRUST
    menu_order = 20
    empty_text = _("Certificates that the authorities here sign for you appear here.")
    list_display = ("name", "authority_column", "ordered", "ends", "state_column")
    sortable_by = ("ordered",)
    operator_columns = ("owner_column",)
    list_select_related = ("authority__key", "owner")
    list_filter = (
        filters.choice("state", _("State"), IssuedCertificate.State.choices),
        filters.choice("profile", _("Kind"), decisions.KINDS, parameter="kind"),
        RolledFilter,
        filters.end("not_after", _("Valid until")),
    )
    search_fields = ("common_name__startswith",)
    search_help_text = _("Common name, from its beginning")
    found_by = frozenset({"fingerprint", "serial"})
    action_pages = (decisions.Renew(), decisions.Revoke())
    export_columns = columns(
        common_name="common_name",
        owner="owner",
        issuer="authority",
        serial="serial",
        state="state",
        valid_from="not_before",
        valid_until="not_after",
        fingerprint="fingerprint",
        revoked="revoked_at",
        reason="reason",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.issued(viewer)

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        link = ListLink(label=_("Request a certificate"), name=REQUESTS.steps[0].name)
        return (link,) if kinds_for(viewer) else ()

    @admin.display(description=_("Common name"))
    def name(self, issued: IssuedCertificate) -> SafeString | str:
        return display.code(issued.common_name)

    @admin.display(description=_("Owner"))
    def owner_column(self, issued: IssuedCertificate) -> str:
        return str(issued.owner or display.EMPTY)

    @admin.display(description=_("Issued by"))
    def authority_column(self, issued: IssuedCertificate) -> str:
        return str(issued.authority)

    @admin.display(description=_("Ordered"), ordering="pk")
    def ordered(self, issued: IssuedCertificate) -> SafeString | str:
        return display.moment_cell(issued.intended_at)

    @admin.display(description=_("Valid until"))
    def ends(self, issued: IssuedCertificate) -> SafeString | str:
        return display.date_cell(issued.not_after)

    @admin.display(description=_("Status"))
    def state_column(self, issued: IssuedCertificate) -> SafeString:
        return display.badge(pages.issued_badge(issued))

    def page(self, issued: IssuedCertificate, viewer: Actor) -> Page:
        return pages.issued_page(issued, viewer)


@admin.register(Authority)
class AuthorityAdmin(ScopedAdmin):
    """Our own CAs, for the operator."""

    slug = "authorities"
    roles = OPERATOR
    menu_title = _("Authorities")
    menu_icon = "account_tree"
    menu_group = Group.TRUST
    menu_order = 30
    empty_text = _("The V2G root and its sub-CAs appear here once they are created.")
    url_field = "uuid"
    ordering = ("purpose", "level", "-pk")
    list_display = ("name", "purpose_column", "level_column", "ends", "status")
    sortable_by = ("purpose_column",)
    list_filter = (
        filters.choice("purpose", _("Purpose"), Authority.Purpose.choices),
        filters.choice("active", _("Issues"), YES_NO),
    )
    search_fields = ("name__istartswith",)
    search_help_text = _("Name, from its beginning")
    export_columns = columns(
        name="name",
        purpose="purpose",
        level="level",
        issues="active",
        valid_from="not_before",
        valid_until="not_after",
        fingerprint="fingerprint",
        id="uuid",
    )

    action_pages = (HandInSigned(),)

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.authorities(viewer)

    @admin.display(description=_("Purpose"), ordering="purpose")
    def purpose_column(self, authority: Authority) -> str:
        return authority.get_purpose_display()

    @admin.display(description=_("Level"))
    def level_column(self, authority: Authority) -> str:
        return authority.get_level_display()

    @admin.display(description=_("Valid until"))
    def ends(self, authority: Authority) -> SafeString | str:
        return display.date_cell(authority.not_after)

    @admin.display(description=_("Status"))
    def status(self, authority: Authority) -> SafeString:
        return display.badge(pages.authority_badge(authority))

    def page(self, authority: Authority, viewer: Actor) -> Page:
        return pages.authority_page(authority, viewer)


@admin.register(SubCa)
class SubCaAdmin(ScopedAdmin):
    """The sub-CAs that stored chains of parties go through, for the operator."""

    slug = "sub-cas"
    roles = OPERATOR
    menu_title = _("Sub-CAs")
    menu_icon = "device_hub"
    menu_group = Group.TRUST
    menu_order = 40
    empty_text = _("Sub-CAs appear here when a chain with them is stored.")
    list_display = ("subject_column", "seen", "ends", "status")
    sortable_by = ("seen",)
    list_filter = (filters.end("not_after", _("Valid until")),)
    search_fields = ("subject__istartswith",)
    search_help_text = _("Subject, from its beginning (CN=…)")
    export_columns = columns(
        subject="subject",
        serial="serial",
        first_seen="created_at",
        valid_from="not_before",
        valid_until="not_after",
        fingerprint="fingerprint",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.sub_cas(viewer)

    @admin.display(description=_("Subject"))
    def subject_column(self, sub_ca: SubCa) -> str:
        return sub_ca.subject

    @admin.display(description=_("First seen"), ordering="pk")
    def seen(self, sub_ca: SubCa) -> SafeString | str:
        return display.date_cell(sub_ca.created_at)

    @admin.display(description=_("Valid until"))
    def ends(self, sub_ca: SubCa) -> SafeString | str:
        return display.date_cell(sub_ca.not_after)

    @admin.display(description=_("Status"))
    def status(self, sub_ca: SubCa) -> SafeString:
        return display.badge(display.validity(sub_ca.not_before, sub_ca.not_after))

    def page(self, sub_ca: SubCa, viewer: Actor) -> Page:
        return pages.sub_ca_page(sub_ca)


@admin.register(EnrolmentRequest)
class EnrolmentRequestAdmin(ScopedAdmin):
    """Certificates that wait for a decision: the operator decides, a CPS sees its own requests."""

    slug = "certificate-requests"
    roles = OPERATOR | {Role.CPS}
    menu_title = _("Certificate requests")
    menu_icon = "approval"
    menu_group = Group.TRUST
    menu_order = 25
    empty_text = _("What a CPS asks for over EST appears here and waits for the operator.")
    url_field = "uuid"
    list_display = ("name", "kind", "asked", "status")
    sortable_by = ("asked",)
    operator_columns = ("owner_column",)
    list_select_related = ("owner",)
    list_filter = (filters.choice("state", _("State"), EnrolmentRequest.State.choices),)
    search_fields = ("common_name__istartswith",)
    search_help_text = _("Common name, from its beginning")
    export_columns = columns(
        common_name="common_name",
        applicant="owner",
        kind="profile",
        state="state",
        asked="requested_at",
        asked_by="requested_by_label",
        decided="decided_at",
        decided_by="decided_by_label",
        reason="reason",
        id="uuid",
    )
    row_actions = (requests_page.APPROVE,)
    action_pages = (requests_page.Refuse(),)

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.requests(viewer)

    @admin.display(description=_("Common name"))
    def name(self, request: EnrolmentRequest) -> SafeString | str:
        return display.code(request.common_name)

    @admin.display(description=_("Applicant"))
    def owner_column(self, request: EnrolmentRequest) -> str:
        return request.owner.name

    @admin.display(description=_("Kind"))
    def kind(self, request: EnrolmentRequest) -> str:
        return request.profile

    @admin.display(description=_("Asked for"), ordering="pk")
    def asked(self, request: EnrolmentRequest) -> SafeString | str:
        return display.moment_cell(request.requested_at)

    @admin.display(description=_("Status"))
    def status(self, request: EnrolmentRequest) -> SafeString:
        return display.badge(requests_page.badge(request))

    def decisions_of(self, request: EnrolmentRequest, viewer: Actor) -> tuple[Decision, ...]:
        return requests_page.decisions_of(request, viewer)

    def page(self, request: EnrolmentRequest, viewer: Actor) -> Page:
        return requests_page.page_of(request, viewer)
