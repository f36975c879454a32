"""The steps of a conclusion, in their order, and which of them a draft has behind it."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.mo.models import ConclusionDraft

Text = str | Promise


class Step(StrEnum):
    """One page each; the value stands in its address."""

    VEHICLE = "vehicle"
    CUSTOMER = "customer"
    TERM = "term"
    CONFIRM = "confirm"


TITLES: dict[Step, Text] = {
    Step.VEHICLE: _("Vehicle"),
    Step.CUSTOMER: _("Customer"),
    Step.TERM: _("Term"),
    Step.CONFIRM: _("Check and conclude"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A step as the bar above the page shows it; `open` where it may be gone to."""

    step: Step
    number: int
    title: Text
    done: bool
    current: bool
    open: bool


def is_done(draft: ConclusionDraft, step: Step) -> bool:
    """Tell whether what the step asks for is there and was checked."""
    return {
        Step.VEHICLE: bool(draft.pcid),
        Step.CUSTOMER: bool(draft.emaid),
        Step.TERM: draft.begins is not None and draft.ends is not None,
        Step.CONFIRM: draft.state != ConclusionDraft.State.OPEN,
    }[step]


def first_missing(draft: ConclusionDraft) -> Step:
    """Return the furthest step that may be opened: what stands before it is complete."""
    return next((step for step in Step if not is_done(draft, step)), Step.CONFIRM)


def may_open(draft: ConclusionDraft, step: Step) -> bool:
    """Tell whether a step may be opened; nobody jumps over one by its address."""
    order = tuple(Step)
    return order.index(step) <= order.index(first_missing(draft))


def marks(draft: ConclusionDraft, current: Step) -> list[Mark]:
    """Return the bar of steps."""
    return [
        Mark(
            step=step,
            number=number,
            title=TITLES[step],
            done=is_done(draft, step),
            current=step is current,
            open=may_open(draft, step),
        )
        for number, step in enumerate(Step, start=1)
    ]


def before(step: Step) -> Step | None:
    """Return the step that «Back» leads to."""
    order = tuple(Step)
    place = order.index(step)
    return order[place - 1] if place else None


def after(step: Step) -> Step:
    """Return the step that follows."""
    order = tuple(Step)
    return order[min(order.index(step) + 1, len(order) - 1)]
