"""The RCP in the portal."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit.pages import history_tab
from apps.core.actor import Actor, Right, Role
from apps.core.web import certificates, display, filters, workflows
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.deciding import ListLink
from apps.core.web.decisions import Decision
from apps.core.web.display import Badge, Tone
from apps.core.web.downloads import CertificateFiles
from apps.core.web.exporting import columns
from apps.core.web.membership import viewer_of
from apps.core.web.navigation import Group
from apps.core.web.pages import Card, Fact, FactsCard, Page, Tab
from apps.core.web.uploads import tell_too_large
from apps.core.web.workflows import READING, Step, Workflow
from apps.participants import rights
from apps.participants.rights import Operation
from apps.pki.admin import AuthorityAdmin, IssuedCertificateAdmin, SubCaAdmin
from apps.root_pool import decisions, selectors, verdict, verdict_of_cas, views
from apps.root_pool.forms import SubmissionForm
from apps.root_pool.models import RootCertificate

IssuedCertificateAdmin.extend(tabs=(verdict.issued_tab,))
AuthorityAdmin.extend(tabs=(verdict_of_cas.authority_tab,))
SubCaAdmin.extend(tabs=(verdict_of_cas.sub_ca_tab,))

State = RootCertificate.State

STATES: dict[str, tuple[Any, Tone]] = {
    State.SUBMITTED: (_("Waiting for confirmation"), "warning"),
    State.TRUSTED: (_("Trusted"), "success"),
    State.REMOVAL_ASKED: (_("Removal asked"), "warning"),
    State.REJECTED: (_("Rejected"), "default"),
    State.REMOVED: (_("Removed"), "default"),
    State.EXPIRED: (_("Expired"), "default"),
}


def state_badge(root: RootCertificate) -> Badge:
    return Badge(*STATES[root.state])


@admin.register(RootCertificate)
class RootCertificateAdmin(ScopedAdmin):
    """Trusted roots for everybody; the operator also sees those that wait, and the past."""

    slug = "roots"
    roles = EVERYBODY
    menu_title = _("Root certificates")
    menu_icon = "account_balance"
    menu_group = Group.TRUST
    menu_order = 10
    empty_text = _("Roots appear here after two persons have confirmed them.")
    url_field = "uuid"
    ordering = ("-not_after", "-pk")
    list_display = ("name", "kind", "key", "ends", "state_column")
    sortable_by = ("ends",)
    list_filter = (
        filters.choice("state", _("State"), State.choices),
        filters.choice("root_type", _("Type"), RootCertificate.Type.choices, parameter="type"),
        filters.end("not_after", _("Valid until")),
    )
    search_fields = ("common_name__istartswith", "organization_name__istartswith")
    search_help_text = _("Name or organisation, from its beginning")
    found_by = frozenset({"fingerprint"})
    export_columns = columns(
        name="common_name",
        type="root_type",
        state="state",
        valid_from="not_before",
        valid_until="not_after",
        fingerprint="fingerprint",
        rcp_id="uuid",
    )
    row_actions = decisions.ACTIONS
    action_pages = (decisions.AskRemoval(),)

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    @admin.display(description=_("Name"))
    def name(self, root: RootCertificate) -> str:
        return str(root)

    @admin.display(description=_("Type"))
    def kind(self, root: RootCertificate) -> str:
        return root.get_root_type_display()

    @admin.display(description=_("Key"))
    def key(self, root: RootCertificate) -> str:
        return certificates.algorithm(root.curve)

    @admin.display(description=_("Valid until"), ordering="not_after")
    def ends(self, root: RootCertificate) -> SafeString | str:
        return display.date_cell(root.not_after)

    @admin.display(description=_("Status"))
    def state_column(self, root: RootCertificate) -> SafeString:
        return display.badge(state_badge(root))

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        link = ListLink(label=_("Submit a root"), name="root_pool_rootcertificate_submit")
        return (link,) if rights.may(viewer, Operation.RCP_WRITE) else ()

    def extra_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.submit_view)
        return [path("submit/", view, name="root_pool_rootcertificate_submit")]

    def submit_view(self, request: HttpRequest) -> HttpResponse:
        """Take a root in as the first pair of eyes."""
        viewer, typed = viewer_of(request), request.method == "POST"
        if not rights.may(viewer, Operation.RCP_WRITE):
            raise PermissionDenied
        form = SubmissionForm(request.POST, request.FILES) if typed else SubmissionForm()
        tell_too_large(request, form)
        status, root = decisions.submit(viewer, form) if typed else (200, None)
        if root is None:
            return self.form_page(request, decisions.SUBMISSION, form, status)
        messages.success(request, decisions.SUBMISSION.done % {"name": root})
        return HttpResponseRedirect(self.address_of(str(root.uuid)))

    def decisions_of(self, root: RootCertificate, viewer: Actor) -> tuple[Decision, ...]:
        return decisions.decisions_of(root, viewer)

    def page(self, root: RootCertificate, viewer: Actor) -> Page:
        cards: tuple[Card, ...] = (_certificate(root), _policy(root))
        if viewer.has(Role.OPERATOR):
            cards = (*cards, _approval(root))
        return Page(
            heading=str(root),
            line=_("%(type)s root · valid until %(day)s")
            % {"type": root.get_root_type_display(), "day": display.day(root.not_after)},
            files=_files(root),
            badges=(state_badge(root), display.validity(root.not_before, root.not_after)),
            tabs=(
                Tab(key="certificate", title=_("Certificate"), cards=cards),
                verdict.tab_of(verdict_of_cas.root_card(root)),
                history_tab(viewer, "root_certificate", str(root.uuid)),
            ),
        )


def _files(root: RootCertificate) -> CertificateFiles | None:
    """A waiting root is no file: a fingerprint made from it would prove nothing."""
    return CertificateFiles((bytes(root.der),)) if root.state != State.SUBMITTED else None


def _certificate(root: RootCertificate) -> FactsCard:
    """Show a waiting root without its fingerprint, for the same reason."""
    return certificates.facts_card(root.der, fingerprint=root.state != State.SUBMITTED)


def _policy(root: RootCertificate) -> FactsCard:
    accepted = _("Accepted") if root.status_optional else _("Refused")
    days = _("%(count)s days") % {"count": root.status_max_age_days}
    return FactsCard(
        title=_("Revocation below this root"),
        facts=(
            Fact(label=_("Asked in the order"), value=root.get_status_order_display()),
            Fact(label=_("Answers count for"), value=days),
            Fact(label=_("Certificates without a service"), value=accepted),
            Fact(label=_("RCP id"), value=str(root.uuid), code=True, copy=True),
        ),
    )


def _approval(root: RootCertificate) -> FactsCard:
    facts = [
        Fact(
            label=_("Submitted by"),
            value=root.submitted_by_label,
            note=display.moment(root.created_at),
        )
    ]
    if root.confirmed_by:
        note = display.moment(root.confirmed_at)
        facts.append(Fact(label=_("Confirmed by"), value=root.confirmed_by_label, note=note))
    if root.removal_asked_by:
        facts.append(Fact(label=_("Removal asked by"), value=root.removal_asked_by_label))
    return FactsCard(title=_("Four eyes"), facts=tuple(facts))


workflows.register(
    Workflow(
        slug="trust-store",
        title=_("Trust store"),
        icon="verified_user",
        roles=frozenset({Role.OEM, Role.MO, Role.CPO}),
        group=Group.TRUST,
        order=5,
        steps=(
            Step(
                path="",
                name="root_pool_trust_store",
                view=views.trust_store,
                right=Right.VIEWER,
                methods=READING,
            ),
            Step(
                path="<str:root_type>/<slug:form>/",
                name="root_pool_trust_store_download",
                view=views.download,
                right=Right.VIEWER,
                methods=frozenset({"POST"}),
            ),
        ),
    )
)
