"""A contract on its way to the CCP, followed live, and its receipt for the customer."""

from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http import HttpResponseRedirect as Redirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.contract_pool import visibility
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.web import workflows
from apps.core.web.refusals import in_words, told
from apps.mo import services
from apps.mo.models import ConclusionDraft
from apps.mo.steps import Step
from apps.mo.views.drafts import address, address_of_progress, mine, summary
from v2g.ids import Emaid

State, Stage = ConclusionDraft.State, ConclusionDraft.Stage

STOP_POLLING: Final = 286
"""htmx: take the answer and do not ask again."""

REPAIRS: Final[dict[str, str | Promise]] = {
    "emaid_in_use": gettext_lazy("Choose another EMAID: change the entries."),
    "emaid_bound": gettext_lazy("Choose another EMAID: change the entries."),
    "no_signer": gettext_lazy(
        "The operator has to set up a signing certificate. Try again once that is done."
    ),
    "no_authority": gettext_lazy(
        "The operator has to set up the MO authority. Try again once that is done."
    ),
    "vehicle_changed": gettext_lazy("The car maker renewed the vehicle. Try again."),
    "not_a_member": gettext_lazy("You are not a member of this organisation any more."),
    "ends_in_past": gettext_lazy("Choose a later end: change the entries."),
}
WHERE: Final = {
    "emaid_in_use": Step.CUSTOMER,
    "emaid_bound": Step.CUSTOMER,
    "ends_in_past": Step.TERM,
    "outside_authority": Step.TERM,
}
"""The step that a failure sends people back to, where it is not the first."""
TRY_AGAIN: Final = gettext_lazy("Try again, or change the entries.")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stage on the page: behind us, in work, still to come, or where it stopped."""

    title: str | Promise
    state: Literal["done", "now", "next", "failed"]

    @property
    def icon(self) -> str:
        """The material symbol of the state."""
        icons = {"done": "check", "now": "hourglass_top", "next": "circle", "failed": "close"}
        return icons[self.state]

    @property
    def tone(self) -> str:
        """The tone of the symbol."""
        return {"done": "success", "now": "info", "next": "default", "failed": "danger"}[self.state]

    @property
    def word(self) -> str:
        """The state in a word, for who does not see the symbol."""
        words = {
            "done": _("Done"),
            "now": _("In work"),
            "next": _("To come"),
            "failed": _("Stopped here"),
        }
        return words[self.state]


def progress(request: HttpRequest, viewer: Actor, draft: UUID) -> HttpResponse:
    """Follow an ordered contract."""
    found = mine(viewer, draft)
    if found.state == State.OPEN:
        return Redirect(address(found, Step.CONFIRM))
    title = _("Conclude a contract")
    return workflows.show(request, "mo/progress.html", title=title, **_of(found))


def live(request: HttpRequest, viewer: Actor, draft: UUID) -> HttpResponse:
    """Answer the part that moves; 286 once it moves no more."""
    found = mine(viewer, draft)
    over = found.state in {State.STORED, State.FAILED}
    return render(request, "mo/live.html", _of(found), status=STOP_POLLING if over else 200)


def again(request: HttpRequest, viewer: Actor, draft: UUID) -> HttpResponse:
    """Order a failed contract once more."""
    found = mine(viewer, draft)
    services.order_again(actor=viewer, draft=found)
    return Redirect(address_of_progress(found))


def change(request: HttpRequest, viewer: Actor, draft: UUID) -> HttpResponse:
    """Open a failed contract for changes."""
    found = mine(viewer, draft)
    where = WHERE.get(found.code, Step.VEHICLE)
    try:
        services.reopen(actor=viewer, draft=found)
    except Conflict as error:
        messages.warning(request, in_words(error))
        return Redirect(address_of_progress(found))
    return Redirect(address(found, where))


def receipt(request: HttpRequest, viewer: Actor, contract: int) -> HttpResponse:
    """Show what the customer gets: a page to print."""
    found = visibility.visible(viewer).select_related("mo").filter(pk=contract).first()
    if found is None:
        raise Http404
    emaid = Emaid.parse(found.emaid)
    return workflows.show(
        request, "mo/receipt.html", title=_("Receipt"), contract=found, emaid=emaid.display
    )


def marks(draft: ConclusionDraft) -> list[Mark]:
    """Return the stages; contract data of an own CA needs no certificate of ours."""
    stages = [one for one in Stage if not (draft.own_data and one is Stage.ISSUED)]
    reached = stages.index(Stage(draft.stage)) if draft.stage in stages else 0
    return [Mark(one.label, _state(draft, place, reached)) for place, one in enumerate(stages)]


def _state(
    draft: ConclusionDraft, place: int, reached: int
) -> Literal["done", "now", "next", "failed"]:
    if place <= reached:
        return "done"
    if place > reached + 1:
        return "next"
    return "failed" if draft.state == State.FAILED else "now"


def _of(draft: ConclusionDraft) -> dict[str, Any]:
    receipt_address = ""
    if draft.contract_id is not None:
        receipt_address = reverse("admin:mo_receipt", args=[draft.contract_id])
    return {
        "draft": draft,
        "marks": marks(draft),
        "refused": told(draft.message),
        "summary": summary(draft),
        "repair": REPAIRS.get(draft.code, TRY_AGAIN),
        "receipt": receipt_address,
        "live_address": reverse("admin:mo_conclude_live", args=[draft.uuid]),
    }
