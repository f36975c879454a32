"""From events to deliveries: one row for each enabled endpoint that subscribed to the kind.

One fan-out runs at a time, in the order of the outbox, so that the deliveries of a lane stand in
the order of its events. Only holders of `LOCK` make lanes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.core import locks
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookLane

LOCK: Final = "events.fan_out"
BATCH: Final = 500

Subscribers = dict[tuple[int | None, str], list[int]]


def fan_out(*, now: datetime) -> int:
    """Take the next BATCH events of the outbox; return how many they were.

    Who subscribed is decided now, not when the event happened. One transaction writes deliveries,
    lanes and the mark on the events, so an event is fanned out once, whatever dies.
    """
    with transaction.atomic():
        locks.hold(LOCK)
        waiting = OutboxEvent.objects.filter(fanned_out_at__isnull=True).order_by("id")
        events = list(waiting.only("id", "kind", "organization_id", "lane")[:BATCH])
        if not events:
            return 0
        add(_deliveries(events, now), now=now)
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(fanned_out_at=now)
    return len(events)


def add(deliveries: Sequence[WebhookDelivery], *, now: datetime) -> None:
    """Insert deliveries behind what waits in their lanes. The caller's transaction holds LOCK.

    A lane that exists is locked first, in the order of its row: who works it off removes it only
    after looking, under the same lock, for what came in between.
    """
    if not deliveries:
        return
    wanted = {(one.endpoint_id, one.lane) for one in deliveries}
    present = WebhookLane.objects.select_for_update().filter(
        endpoint_id__in={endpoint_id for endpoint_id, _ in wanted},
        lane__in={lane for _, lane in wanted},
    )
    there = {(lane.endpoint_id, lane.lane) for lane in present.order_by("id")}
    WebhookDelivery.objects.bulk_create(deliveries, batch_size=BATCH)
    WebhookLane.objects.bulk_create(
        (
            WebhookLane(endpoint_id=endpoint_id, lane=lane, due_at=now)
            for endpoint_id, lane in sorted(wanted - there)
        ),
        batch_size=BATCH,
    )


def lane_of(event: OutboxEvent) -> str:
    """Return the queue of an event: its vehicle's, or one of its own where no order is due."""
    return event.lane or f"event:{event.pk}"


def _deliveries(events: Sequence[OutboxEvent], now: datetime) -> list[WebhookDelivery]:
    subscribers = _subscribers(events)
    return [
        WebhookDelivery(endpoint_id=pk, event=event, lane=lane_of(event), created_at=now)
        for event in events
        for pk in subscribers.get((event.organization_id, event.kind), ())
    ]


def _subscribers(events: Iterable[OutboxEvent]) -> Subscribers:
    """Map (organisation, kind) to endpoints; an event for all has no organisation."""
    named = {event.organization_id for event in events}
    some = {pk for pk in named if pk is not None}
    rows = WebhookEndpoint.objects.filter(
        state=WebhookEndpoint.State.ENABLED, organization__active=True
    )
    if named == some:
        rows = rows.filter(organization_id__in=some)
    found: Subscribers = defaultdict(list)
    for pk, organization_id, kinds in rows.values_list("pk", "organization_id", "events"):
        for kind in kinds:
            found[organization_id, kind].append(pk)
            found[None, kind].append(pk)
    return found
