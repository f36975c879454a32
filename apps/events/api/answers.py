"""Webhook endpoints and deliveries as callers read them."""

from datetime import UTC, datetime
from typing import Any

from apps.core.actor import Actor, Role
from apps.events.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


def endpoint(row: WebhookEndpoint, *, viewer: Actor, secret: str | None = None) -> dict[str, Any]:
    """Return EndpointResponse. `events` and `metaData` repeat what other readers look for."""
    answer: dict[str, Any] = {
        "id": str(row.uuid),
        "apiVersion": row.api_version,
        "created": int(row.created_at.timestamp()),
        "description": row.description,
        "enabledEvents": row.events,
        "events": row.events,
        "metadata": row.metadata,
        "metaData": row.metadata,
        "status": row.state,
        "url": row.url,
        "userRole": ",".join(role.value for role in Role if viewer.has(role)),
        "userName": row.created_by,
    }
    if viewer.has(Role.MO):
        answer["providerIds"] = sorted(viewer.provider_ids)
    if viewer.has(Role.OEM):
        answer["wmis"] = sorted(viewer.wmis)
    if secret is not None:
        answer["secret"] = secret
    return answer


def delivery(row: WebhookDelivery) -> dict[str, Any]:
    """Return one delivery, with its attempts where they were read."""
    return {
        "id": str(row.uuid),
        "eventId": str(row.event.uuid),
        "eventType": row.event.kind,
        "pcid": row.event.lane or None,
        "status": row.state,
        "attemptCount": row.attempt_count,
        "created": _instant(row.created_at),
        "settled": _instant(row.settled_at) if row.settled_at else None,
        "attempts": [_attempt(one) for one in row.attempts.all()],
    }


def _attempt(row: WebhookAttempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": _instant(row.at),
        "milliseconds": row.milliseconds,
        "statusCode": row.status_code,
        "note": row.note,
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
