"""Leases on lanes: who works a queue off, and until when."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from apps.events.models import WebhookDelivery, WebhookEndpoint, WebhookLane

LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Grip:
    """Lanes in hand of one dispatcher; settling anything needs the lease to be still its own."""

    lease: uuid.UUID
    lanes: tuple[WebhookLane, ...]


def callable_endpoints(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints to which something may be sent now."""
    rested = Q(resting_until__isnull=True) | Q(resting_until__lt=now)
    return WebhookEndpoint.objects.filter(
        rested, state=WebhookEndpoint.State.ENABLED, organization__active=True
    )


def free(now: datetime) -> QuerySet[WebhookLane]:
    """Return the lanes that are due and in nobody's hand."""
    unheld = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return WebhookLane.objects.filter(unheld, due_at__lte=now)


def lease(*, endpoint_id: int, limit: int, now: datetime) -> Grip:
    """Take up to `limit` due lanes of an endpoint in hand for LEASE.

    Rows that another transaction holds are passed over, and the update repeats what the reading
    saw: of two dispatchers each lane goes to one.
    """
    grip = uuid.uuid4()
    with transaction.atomic():
        due = free(now).filter(endpoint_id=endpoint_id).order_by("due_at")
        wanted = [lane.pk for lane in due.select_for_update(skip_locked=True)[:limit]]
        free(now).filter(pk__in=wanted).update(lease=grip, leased_until=now + LEASE)
    return Grip(grip, tuple(WebhookLane.objects.filter(lease=grip).order_by("id")))


def held(*, grip: Grip, lanes: Iterable[WebhookLane]) -> dict[int, WebhookLane]:
    """Lock those of the lanes that are still in this hand, in the order of their rows."""
    rows = WebhookLane.objects.select_for_update().filter(
        pk__in=[lane.pk for lane in lanes], lease=grip.lease
    )
    return {lane.pk: lane for lane in rows.order_by("id")}


def heads(lanes: Collection[WebhookLane]) -> dict[int, WebhookDelivery]:
    """Return the first waiting delivery of each lane (of one endpoint), by the lane's row id."""
    if not lanes:
        return {}
    by_name = {lane.lane: lane.pk for lane in lanes}
    waiting = WebhookDelivery.objects.filter(
        endpoint_id__in={lane.endpoint_id for lane in lanes},
        lane__in=by_name,
        state=WebhookDelivery.State.WAITING,
    )
    firsts = waiting.order_by().values("lane").annotate(first=Min("id")).values("first")
    rows = WebhookDelivery.objects.filter(pk__in=firsts).select_related("event")
    return {by_name[delivery.lane]: delivery for delivery in rows}


def release(*, grip: Grip) -> None:
    """Give back what is still in hand; lanes in which nothing waits any more go."""
    with transaction.atomic():
        lanes = held(grip=grip, lanes=grip.lanes)
        waiting = heads(lanes.values())
        WebhookLane.objects.filter(pk__in=[pk for pk in lanes if pk not in waiting]).delete()
        WebhookLane.objects.filter(pk__in=list(waiting)).update(lease=None, leased_until=None)
