"""What the operator's people decide about a root: trust, reject, ask for removal, remove, keep."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.actions import ActionPage
from apps.core.web.counting import amount
from apps.core.web.decisions import Action, Decision, FormPage, attempt
from apps.core.web.pages import Fact
from apps.participants import rights
from apps.participants.rights import Operation
from apps.root_pool import dependants, services
from apps.root_pool.forms import FingerprintForm, SubmissionForm
from apps.root_pool.models import RootCertificate
from apps.root_pool.services.log import identity

State = RootCertificate.State


def _plain(service: Callable[..., object]) -> Callable[[Actor, Any, Mapping[str, Any]], object]:
    """Call a service that needs nothing but who asks and the root."""
    return lambda actor, root, _typed: service(actor=actor, root=root)


TRUST: Final = Action(
    key="trust",
    label=_("Trust this root"),
    done=_("%(name)s is trusted. From now on certificates below it are accepted."),
    run=lambda actor, root, typed: services.confirm(actor=actor, root=root, **typed),
    form=FingerprintForm,
    fields={"fingerprint_differs": "fingerprint"},
    tone="primary",
    fresh=True,
)
REJECT: Final = Action(
    key="reject",
    label=_("Reject"),
    done=_("%(name)s was rejected. It may be submitted anew."),
    run=_plain(services.reject),
    fresh=True,
)
REMOVE: Final = Action(
    key="remove",
    label=_("Remove this root"),
    done=_("%(name)s was removed. Certificates below it are not accepted any more."),
    run=_plain(services.confirm_removal),
    tone="danger",
    fresh=True,
)
KEEP: Final = Action(
    key="keep",
    label=_("Keep it"),
    done=_("%(name)s was kept. It is trusted as before."),
    run=_plain(services.refuse_removal),
)
ACTIONS: Final = (TRUST, REJECT, REMOVE, KEEP)

SUBMISSION: Final = FormPage(
    title=_("Submit a root"),
    lead=_(
        "You are the first pair of eyes. The root is trusted once another person of your "
        "organisation has confirmed its fingerprint."
    ),
    button=_("Submit"),
    done=_("%(name)s was submitted. It is trusted once another person confirms its fingerprint."),
)

WAIT = _("Another person of your organisation has to confirm.")
DEPENDANTS: Final = {
    "vehicles": _("Vehicles below this root"),
    "contract data": _("Contract data below this root"),
}


class AskRemoval(ActionPage):
    """A page that shows what hangs on the root, and asks for its removal."""

    key = "ask-removal"
    label = _("Ask for removal")
    title = _("Ask for the removal of this root?")
    lead = _("It stays trusted until another person of your organisation confirms.")
    done = _(
        "The removal of %(name)s was asked for. It stays trusted until another person confirms."
    )

    def may(self, root: RootCertificate, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.RCP_CONFIRM)

    def fits(self, root: RootCertificate) -> bool:
        return root.state == State.TRUSTED

    def facts(self, root: RootCertificate) -> tuple[Fact, ...]:
        return _dependants(root)

    def run(self, actor: Actor, root: RootCertificate, typed: Mapping[str, Any]) -> None:
        services.ask_removal(actor=actor, root=root)


def decisions_of(root: RootCertificate, viewer: Actor) -> tuple[Decision, ...]:
    """Say what this person may decide about the root now; nothing for all others."""
    if not rights.may(viewer, Operation.RCP_CONFIRM):
        return ()
    offers = {
        State.SUBMITTED: _confirmation,
        State.REMOVAL_ASKED: _removal_confirmation,
    }
    offer = offers.get(State(root.state))
    return (offer(root, viewer),) if offer else ()


def submit(actor: Actor, form: SubmissionForm) -> tuple[int, RootCertificate | None]:
    """Submit what was typed; return the status and the root, None with the errors on the form."""
    made: list[RootCertificate] = []

    def call() -> None:
        der, root_type = form.cleaned_data["der"], form.cleaned_data["root_type"]
        kind = RootCertificate.Type(root_type)
        made.append(services.submit(actor=actor, der=der, root_type=kind))

    status = attempt(form, call, {})
    return (status, None) if status else (302, made[0])


def _confirmation(root: RootCertificate, viewer: Actor) -> Decision:
    is_own = identity(viewer) == root.submitted_by
    lead = _(
        "Ask the issuer for the fingerprint yourself. Who submitted the root is not the second "
        "channel."
    )
    return Decision(
        title=_("Second pair of eyes"),
        lead=WAIT if is_own else lead,
        facts=partial(_submission, root),
        actions=() if is_own else (TRUST, REJECT),
    )


def _removal_confirmation(root: RootCertificate, viewer: Actor) -> Decision:
    is_own = identity(viewer) == root.removal_asked_by
    lead = _(
        "Nothing is deleted, but what hangs on this root is not delivered any more, and nothing "
        "new is taken in below it."
    )
    return Decision(
        title=_("Remove this root?"),
        lead=WAIT if is_own else lead,
        facts=partial(_asked_removal, root),
        actions=(KEEP,) if is_own else (REMOVE, KEEP),
    )


def _submission(root: RootCertificate) -> tuple[Fact, ...]:
    when = display.moment(root.created_at)
    return (Fact(label=_("Submitted by"), value=root.submitted_by_label, note=when),)


def _asked_removal(root: RootCertificate) -> tuple[Fact, ...]:
    asked = Fact(label=_("Removal asked by"), value=root.removal_asked_by_label)
    return (asked, *_dependants(root))


def _dependants(root: RootCertificate) -> tuple[Fact, ...]:
    return tuple(
        Fact(label=DEPENDANTS.get(what, what.capitalize()), value=amount(rows).text)
        for what, rows in dependants.of(root).items()
    )
