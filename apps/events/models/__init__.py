"""The outbox, and the webhooks that it is told through."""

from apps.events.models.outbox import TEST_KIND, EventKind, OutboxEvent
from apps.events.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookLane,
)

__all__ = [
    "TEST_KIND",
    "EventKind",
    "OutboxEvent",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookLane",
]
