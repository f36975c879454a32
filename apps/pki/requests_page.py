"""A request for a certificate: its page, and what the operator's people decide about it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.pages import history_tab
from apps.core.actor import Actor
from apps.core.web import certificates, display
from apps.core.web.actions import ActionForm, ActionPage
from apps.core.web.decisions import Action, Decision
from apps.core.web.display import Badge, Tone
from apps.core.web.pages import Fact, FactsCard, Page, Tab, Text
from apps.participants import rights
from apps.participants.rights import Operation
from apps.pki import services
from apps.pki.models import EnrolmentRequest
from apps.pki.services.deciding import MAX_REASON

State = EnrolmentRequest.State

TONES: Final[dict[str, Tone]] = {
    State.PENDING: "warning",
    State.APPROVED: "info",
    State.REFUSED: "danger",
    State.ISSUED: "success",
    State.LAPSED: "default",
}

APPROVE: Final = Action(
    key="approve",
    label=_("Approve"),
    done=_("%(name)s was approved. The certificate is issued when the applicant asks again."),
    run=lambda actor, request, _typed: services.approve_request(actor=actor, request=request),
    tone="primary",
    fresh=True,
)


class RefusalForm(ActionForm):
    """Why the applicant gets no certificate."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One sentence. The applicant reads it in the answer."),
        max_length=MAX_REASON,
        error_messages={"required": _("Say why. The applicant reads it.")},
        widget=forms.TextInput(attrs={"class": "pp-input", "autocomplete": "off"}),
    )


class Refuse(ActionPage):
    """The other decision, for the operator's people."""

    key = "refuse"
    label = _("Refuse")
    title = _("Refuse this request?")
    lead = _("This key will not be certified. The applicant may ask again with another key.")
    done = _("%(name)s was refused.")
    late = _("This request does not wait any more.")
    form = RefusalForm
    fields = {"reason": "reason"}

    def may(self, request: EnrolmentRequest, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.EST_DECIDE)

    def fits(self, request: EnrolmentRequest) -> bool:
        return _waits(request)

    def facts(self, request: EnrolmentRequest) -> tuple[Fact, ...]:
        return (_applicant(request), _key(request))

    def run(self, actor: Actor, request: EnrolmentRequest, typed: Mapping[str, Any]) -> None:
        services.refuse_request(actor=actor, request=request, reason=typed["reason"])


def decisions_of(request: EnrolmentRequest, viewer: Actor) -> tuple[Decision, ...]:
    """Say what this person may decide about the request now; nothing for all others."""
    if not rights.may(viewer, Operation.EST_DECIDE) or not _waits(request):
        return ()
    decision = Decision(
        title=_("Approve this certificate?"),
        lead=_(
            "Who holds this key will sign contract data for vehicles. Ask the applicant for the "
            "hash of the key over a second channel."
        ),
        facts=partial(Refuse().facts, request),
        actions=(APPROVE,),
    )
    return (decision,)


def badge(request: EnrolmentRequest) -> Badge:
    """Say how a request stands."""
    state = State(request.state)
    return Badge(state.label, TONES[state])


def page_of(request: EnrolmentRequest, viewer: Actor) -> Page:
    """The request with its decision and its past."""
    return Page(
        heading=request.common_name,
        code=True,
        badges=(badge(request),),
        alert=_next(request, viewer),
        line=_("%(profile)s certificate · asked for %(day)s")
        % {"profile": request.profile, "day": display.day(request.requested_at)},
        tabs=(
            Tab(key="request", title=_("Request"), cards=(_request(request), _decided(request))),
            history_tab(viewer, "enrolment_request", str(request.uuid)),
        ),
    )


def _next(request: EnrolmentRequest, viewer: Actor) -> Text:
    """Tell the applicant how to collect what was approved: the request itself is not kept."""
    if request.state != State.APPROVED or request.owner_id != viewer.organization_id:
        return ""
    return _(
        "Approved. Hand in the same signing request again, under Issued certificates or over EST, "
        "to collect the certificate."
    )


def _waits(request: EnrolmentRequest) -> bool:
    return request.state == State.PENDING and request.lapses_at > timezone.now()


def _applicant(request: EnrolmentRequest) -> Fact:
    note = request.requested_by_label
    return Fact(label=_("Applicant"), value=request.owner.name, note=note)


def _key(request: EnrolmentRequest) -> Fact:
    digits = certificates.hexadecimal(request.public_key_hash)
    return Fact(label=_("SHA-256 of the public key"), value=digits, code=True, copy=True)


def _request(request: EnrolmentRequest) -> FactsCard:
    kind = _("Renewal") if request.is_renewal else _("First certificate")
    return FactsCard(
        title=_("Request"),
        facts=(
            _applicant(request),
            Fact(label=_("Kind"), value=kind, note=request.get_namespace_display()),
            _key(request),
            Fact(label=_("Asked for"), value=display.moment(request.requested_at)),
        ),
    )


def _decided(request: EnrolmentRequest) -> FactsCard:
    facts = []
    if request.decided_at:
        when = display.moment(request.decided_at)
        facts.append(Fact(label=_("Decided by"), value=request.decided_by_label, note=when))
    if request.reason:
        facts.append(Fact(label=_("Reason"), value=request.reason))
    if request.certificate_id:
        href = reverse("admin:pki_issuedcertificate_change", args=[request.certificate_id])
        facts.append(Fact(label=_("Certificate"), value=request.common_name, href=href))
    if request.state in {State.PENDING, State.APPROVED}:
        facts.append(Fact(label=_("Lapses"), value=display.moment(request.lapses_at)))
    return FactsCard(title=_("Decision"), facts=tuple(facts))
