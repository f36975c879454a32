"""What is settled goes after its time; what hangs on deleted endpoints at once."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import locks
from apps.events.models import WebhookDelivery, WebhookEndpoint, WebhookLane
from apps.events.services.fanout import LOCK

BATCH: Final = 1000
ROUNDS: Final = 200
State = WebhookDelivery.State


def purge(*, now: datetime) -> int:
    """Delete deliveries settled more than WEBHOOK_RETENTION_DAYS ago, with their attempts.

    Deliveries that wait for a deleted endpoint are cancelled; an endpoint goes with its last
    delivery. The events themselves stay in the outbox. Short transactions, at most ROUNDS of them;
    returns how many deliveries were deleted.
    """
    gone = WebhookEndpoint.objects.filter(state=WebhookEndpoint.State.DELETED)
    _cancel(gone, now)
    old = WebhookDelivery.objects.filter(
        settled_at__lt=now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    )
    deleted = 0
    for _ in range(ROUNDS):
        batch = list(old.order_by("settled_at").values_list("pk", flat=True)[:BATCH])
        WebhookDelivery.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
        if len(batch) < BATCH:
            break
    gone.filter(
        ~Exists(WebhookDelivery.objects.filter(endpoint_id=OuterRef("pk"))),
        ~Exists(WebhookLane.objects.filter(endpoint_id=OuterRef("pk"))),
    ).delete()
    return deleted


def _cancel(gone: QuerySet[WebhookEndpoint], now: datetime) -> None:
    waiting = WebhookDelivery.objects.filter(endpoint__in=gone, state=State.WAITING)
    for _ in range(ROUNDS):
        with transaction.atomic():
            locks.hold(LOCK)
            batch = list(waiting.values_list("pk", flat=True)[:BATCH])
            rows = WebhookDelivery.objects.filter(pk__in=batch, state=State.WAITING)
            rows.update(state=State.CANCELLED, settled_at=now)
        if len(batch) < BATCH:
            WebhookLane.objects.filter(endpoint__in=gone).delete()
            return
