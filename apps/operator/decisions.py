"""What the operator's people decide about a CA that counts no more: take out, or keep."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.actions import ActionPage, ReasonForm
from apps.core.web.pages import Fact
from apps.operator import cleansing
from apps.operator.cleansing_pages import dependants_of
from apps.participants import rights
from apps.participants.rights import Operation
from apps.root_pool.models import CleansingDecision

State = CleansingDecision.State


class _OnQuestion(ActionPage):
    form = ReasonForm
    late = _("This was decided already.")
    fresh = True

    def may(self, question: CleansingDecision, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.POOLS_DECIDE)

    def facts(self, question: CleansingDecision) -> tuple[Fact, ...]:
        return dependants_of(question)


class TakeOut(_OnQuestion):
    """All of it leaves."""

    key = "take-out"
    label = _("Take it out")
    title = _("Take out what hangs on this CA?")
    lead = _("This cannot be taken back. The parties are told of each contract that ends.")
    done = _("What hangs on %(name)s leaves the pools now.")

    def fits(self, question: CleansingDecision) -> bool:
        return question.closed_at is None and question.state in {State.WAITING, State.KEEP}

    def run(self, actor: Actor, question: CleansingDecision, typed: Mapping[str, Any]) -> None:
        cleansing.decide(actor=actor, decision=question, proceed=True, note=typed["reason"])


class Keep(_OnQuestion):
    """All of it stays where it is."""

    key = "keep-it"
    label = _("Keep it")
    title = _("Keep what hangs on this CA?")
    lead = _("It stays in the pools and is not delivered. You can still take it out later.")
    done = _("What hangs on %(name)s stays in the pools. It is not delivered.")
    tone = "primary"

    def fits(self, question: CleansingDecision) -> bool:
        return question.closed_at is None and question.state == State.WAITING

    def run(self, actor: Actor, question: CleansingDecision, typed: Mapping[str, Any]) -> None:
        cleansing.decide(actor=actor, decision=question, proceed=False, note=typed["reason"])
