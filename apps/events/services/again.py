"""Sending once more, and sending a test."""

from django.db import transaction
from django.utils import timezone

from apps.audit.services import record
from apps.core import locks, queue
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.events.models import (
    TEST_KIND,
    OutboxEvent,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookLane,
)
from apps.events.services.dispatching import DISPATCH
from apps.events.services.fanout import LOCK, add
from apps.participants import rights
from apps.participants.rights import Operation

State = WebhookDelivery.State


def redeliver(*, actor: Actor, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a delivery once more, in its lane; return what now waits.

    One that waits for its next attempt is due at once; one that is settled stays as it ended, and a
    new delivery of the same event takes its place behind what waits. Raises Forbidden, Conflict
    (`webhook_disabled`, `already_waiting`).
    """
    endpoint = delivery.endpoint
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=endpoint.organization_id)
    now = timezone.now()
    with transaction.atomic():
        locks.hold(LOCK)
        _require_enabled(endpoint)
        waiting = WebhookDelivery.objects.filter(
            endpoint=endpoint, event_id=delivery.event_id, state=State.WAITING
        ).first()
        if waiting is not None and waiting.pk != delivery.pk:
            raise Conflict("already_waiting", "This event waits to be delivered already.")
        if waiting is not None:
            WebhookLane.objects.filter(endpoint=endpoint, lane=waiting.lane).update(due_at=now)
        else:
            waiting = WebhookDelivery(
                endpoint=endpoint,
                event=delivery.event,
                lane=delivery.lane,
                again=True,
                created_at=now,
            )
            add([waiting], now=now)
        _record(actor, "events.redeliver", endpoint, waiting.event)
        queue.enqueue(DISPATCH, endpoint.pk)
    return waiting


def send_test(*, actor: Actor, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send an event of kind `webhook.test` to an own endpoint, signed like every other.

    Raises Forbidden, Conflict (`webhook_disabled`, `already_waiting` while one is on its way).
    """
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=endpoint.organization_id)
    now = timezone.now()
    with transaction.atomic():
        locks.hold(LOCK)
        _require_enabled(endpoint)
        tests = WebhookDelivery.objects.filter(endpoint=endpoint, lane=TEST_KIND)
        if tests.filter(state=State.WAITING).exists():
            raise Conflict("already_waiting", "A test event waits to be delivered already.")
        event = OutboxEvent.objects.create(
            kind=TEST_KIND,
            organization_id=endpoint.organization_id,
            payload={"endpointId": str(endpoint.uuid)},
            fanned_out_at=now,
        )
        delivery = WebhookDelivery(endpoint=endpoint, event=event, lane=TEST_KIND, created_at=now)
        add([delivery], now=now)
        _record(actor, "events.test_webhook", endpoint, event)
        queue.enqueue(DISPATCH, endpoint.pk)
    return delivery


def _require_enabled(endpoint: WebhookEndpoint) -> None:
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, state=WebhookEndpoint.State.ENABLED)
    if not rows.exists():
        raise Conflict("webhook_disabled", "This webhook endpoint is not enabled.")


def _record(actor: Actor, action: str, endpoint: WebhookEndpoint, event: OutboxEvent) -> None:
    record(
        actor=actor,
        action=action,
        target_type="webhook_endpoint",
        target_id=str(endpoint.uuid),
        detail={"event": str(event.uuid), "kind": event.kind},
    )
