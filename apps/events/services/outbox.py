"""Writing OPCP events into the outbox."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.core import bulk
from apps.events.models import EventKind, OutboxEvent
from apps.participants.models import Organization

FOR_ALL = frozenset({EventKind.ROOT_ADDED, EventKind.ROOT_EXPIRED, EventKind.ROOT_REVOKED})
"""Root events go to everybody; every other kind names one organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event to be told. `lane` is the PCID whose events keep their order, empty for roots.

    `counterpart_id` is the MO that is told how an event for an OEM went; `answers_id` is the event
    whose fate this one tells.
    """

    kind: EventKind
    payload: Mapping[str, Any]
    organization_id: int | None = None
    lane: str = ""
    counterpart_id: int | None = None
    answers_id: int | None = None


def emit(
    *,
    kind: EventKind,
    payload: Mapping[str, Any],
    organization: Organization | None = None,
    lane: str = "",
) -> OutboxEvent:
    """Write one event inside the transaction of the change that it tells of.

    `payload` is the part of OPCP's webhook payload below `payload`; never a private key. Raises
    RuntimeError outside a transaction, ValueError for an event without (or with) an organisation
    where its kind needs one (or none).
    """
    message = Message(
        kind=kind,
        payload=payload,
        organization_id=organization.pk if organization else None,
        lane=lane,
    )
    return emit_many(messages=[message])[0]


def emit_many(*, messages: Iterable[Message]) -> list[OutboxEvent]:
    """Write the events of a batch, see `emit`."""
    if not connection.in_atomic_block:
        raise RuntimeError("An event belongs into the transaction of its change")
    rows = [_row(message) for message in messages]
    bulk.insert(rows)
    return rows


def _row(message: Message) -> OutboxEvent:
    if (message.kind in FOR_ALL) != (message.organization_id is None):
        raise ValueError(f"{message.kind.value} is not addressed as its kind needs it")
    return OutboxEvent(
        kind=message.kind.value,
        organization_id=message.organization_id,
        lane=message.lane,
        payload=dict(message.payload),
        counterpart_id=message.counterpart_id,
        answers_id=message.answers_id,
    )
