"""What follows from an answer: delivered, refused, tried again, or given up.

PROTOCOL notes 25: any 2xx is success. 400 and 409 say that the receiver will never take this event;
an OEM that answers so on `oem.contract.*` has rejected the contract. Everything else (5xx, other
4xx, redirects, no answer in time) is tried again after each of WEBHOOK_RETRY_DELAYS_S, then given
up. The MO is told: `*.sent.to.oem`, `rejected.by.oem`, `queued.to.oem`, each once per event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apps.core import locks
from apps.events.models import EventKind, OutboxEvent, WebhookAttempt, WebhookDelivery, WebhookLane
from apps.events.services import lanes
from apps.events.services.lanes import Grip
from apps.events.services.outbox import Message, emit_many
from apps.events.services.sending import Reply

State = WebhookDelivery.State
FINAL_REFUSALS: Final = (400, 409)
SENT: Final[Mapping[str, EventKind]] = {
    EventKind.OEM_CONTRACT_CREATED: EventKind.MO_CONTRACT_CREATED_SENT,
    EventKind.OEM_CONTRACT_UPDATED: EventKind.MO_CONTRACT_UPDATED_SENT,
    EventKind.OEM_CONTRACT_DELETED: EventKind.MO_CONTRACT_DELETED_SENT,
}


class Verdict(StrEnum):
    """What is done with the delivery."""

    TAKEN = "taken"
    REFUSED = "refused"
    RETRY = "retry"
    GIVEN_UP = "given_up"


ENDS_AS: Final[Mapping[Verdict, WebhookDelivery.State]] = {
    Verdict.RETRY: State.WAITING,
    Verdict.TAKEN: State.DELIVERED,
    Verdict.REFUSED: State.REJECTED,
    Verdict.GIVEN_UP: State.FAILED,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt: the delivery, the lane it stood first in, and what came of it."""

    delivery: WebhookDelivery
    lane: WebhookLane
    reply: Reply

    @property
    def verdict(self) -> Verdict:
        code = self.reply.status_code
        if code is not None and 200 <= code < 300:
            return Verdict.TAKEN
        if code in FINAL_REFUSALS:
            return Verdict.REFUSED
        tried = self.delivery.attempt_count + 1
        return Verdict.RETRY if tried <= len(settings.WEBHOOK_RETRY_DELAYS_S) else Verdict.GIVEN_UP


def settle(*, grip: Grip, outcomes: Sequence[Outcome], now: datetime) -> list[WebhookLane]:
    """Record attempts and act on them; return the lanes that go on with their next delivery.

    A lane whose lease was lost meanwhile is left to its new holder, who sends the event again. The
    PCIDs are locked before the rows, as by all who write events about a vehicle.
    """
    with transaction.atomic():
        locks.hold_all(f"pcid:{event.lane}" for event in _to_answer(outcomes))
        held = lanes.held(grip=grip, lanes=[outcome.lane for outcome in outcomes])
        mine = [outcome for outcome in outcomes if outcome.lane.pk in held]
        _record_attempts(mine, now)
        _count_and_close(mine, now)
        _postpone(mine, now)
        _tell_mo(mine)
    return [outcome.lane for outcome in mine if outcome.verdict is not Verdict.RETRY]


def _to_answer(outcomes: Sequence[Outcome]) -> list[OutboxEvent]:
    events = (outcome.delivery.event for outcome in outcomes)
    return [event for event in events if event.kind in SENT and event.counterpart_id is not None]


def _record_attempts(outcomes: Sequence[Outcome], now: datetime) -> None:
    WebhookAttempt.objects.bulk_create(
        WebhookAttempt(
            delivery=outcome.delivery,
            number=outcome.delivery.attempt_count + 1,
            at=now,
            milliseconds=outcome.reply.milliseconds,
            status_code=outcome.reply.status_code,
            note=outcome.reply.note,
        )
        for outcome in outcomes
    )


def _count_and_close(outcomes: Sequence[Outcome], now: datetime) -> None:
    for verdict, state in ENDS_AS.items():
        ours = [outcome.delivery.pk for outcome in outcomes if outcome.verdict is verdict]
        WebhookDelivery.objects.filter(pk__in=ours, state=State.WAITING).update(
            state=state,
            attempt_count=F("attempt_count") + 1,
            settled_at=None if state is State.WAITING else now,
        )


def _postpone(outcomes: Sequence[Outcome], now: datetime) -> None:
    for outcome in outcomes:
        if outcome.verdict is Verdict.RETRY:
            delay = settings.WEBHOOK_RETRY_DELAYS_S[outcome.delivery.attempt_count]
            WebhookLane.objects.filter(pk=outcome.lane.pk).update(
                due_at=now + timedelta(seconds=delay), lease=None, leased_until=None
            )


def _tell_mo(outcomes: Sequence[Outcome]) -> None:
    news: dict[tuple[int, str], Message] = {}
    for outcome in outcomes:
        message = _news(outcome)
        if message is not None and message.answers_id is not None:
            news[message.answers_id, message.kind.value] = message
    told = OutboxEvent.objects.filter(answers_id__in={answers_id for answers_id, _ in news})
    for known in told.values_list("answers_id", "kind"):
        news.pop(known, None)
    emit_many(messages=news.values())


def _news(outcome: Outcome) -> Message | None:
    event = outcome.delivery.event
    kinds = {
        Verdict.TAKEN: SENT.get(event.kind),
        Verdict.REFUSED: EventKind.MO_CONTRACT_REJECTED,
        Verdict.RETRY: EventKind.MO_CONTRACT_QUEUED,
    }
    kind = kinds.get(outcome.verdict)
    if kind is None or event.kind not in SENT or event.counterpart_id is None:
        return None
    return Message(
        kind=kind,
        organization_id=event.counterpart_id,
        lane=event.lane,
        payload=event.payload,
        answers_id=event.pk,
    )
