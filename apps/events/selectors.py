"""Reading the outbox, and an organisation's own webhooks."""

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.core.actor import Actor, ActorKind, Role
from apps.core.errors import NotFound
from apps.events import secrets
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookLane
from apps.participants import rights
from apps.participants.rights import Operation


def visible(*, viewer: Actor) -> QuerySet[OutboxEvent]:
    """Return the events a viewer may see, newest first: its own, and those addressed to all."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return OutboxEvent.objects.order_by("-id")
    mine = Q(organization__isnull=True)
    if viewer.organization_id is not None:
        mine |= Q(organization_id=viewer.organization_id)
    return OutboxEvent.objects.filter(mine).order_by("-id")


def endpoints(*, viewer: Actor) -> QuerySet[WebhookEndpoint]:
    """Return the webhooks of the viewer's organisation, oldest first. Raises Forbidden."""
    rights.require(viewer, Operation.WEBHOOKS_READ, organization_id=viewer.organization_id)
    if viewer.organization_id is None:
        return WebhookEndpoint.objects.none()
    rows = WebhookEndpoint.objects.exclude(state=WebhookEndpoint.State.DELETED)
    return rows.filter(organization_id=viewer.organization_id).order_by("id")


def visible_endpoints(*, viewer: Actor) -> QuerySet[WebhookEndpoint]:
    """Return the webhooks a viewer may know of: its own organisation's; the operator all."""
    rows = WebhookEndpoint.objects.exclude(state=WebhookEndpoint.State.DELETED)
    return rows.filter(_owned_by(viewer))


def visible_deliveries(*, viewer: Actor) -> QuerySet[WebhookDelivery]:
    """Return what went to the webhooks a viewer may know of, also to those deleted since."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return WebhookDelivery.objects.all()
    # A handful of endpoints by their keys lets the index serve the newest of each.
    owned = WebhookEndpoint.objects.filter(_owned_by(viewer)).values_list("pk", flat=True)
    return WebhookDelivery.objects.filter(endpoint_id__in=list(owned))


def due_at(*, delivery: WebhookDelivery) -> datetime | None:
    """Return when a waiting delivery may be tried; None behind an earlier one of its lane."""
    queue = WebhookDelivery.objects.filter(
        endpoint_id=delivery.endpoint_id, lane=delivery.lane, state=WebhookDelivery.State.WAITING
    )
    if queue.filter(pk__lt=delivery.pk).exists():
        return None
    lanes = WebhookLane.objects.filter(endpoint_id=delivery.endpoint_id, lane=delivery.lane)
    return lanes.values_list("due_at", flat=True).first()


def endpoint(*, viewer: Actor, identifier: str) -> WebhookEndpoint:
    """Return one webhook; a foreign one is as unknown as a wrong id. Raises Forbidden, NotFound."""
    rows = endpoints(viewer=viewer)
    found = rows.filter(uuid=_uuid(identifier, "webhook_unknown", "webhook endpoint")).first()
    if found is None:
        raise NotFound("webhook_unknown", "There is no such webhook endpoint.")
    return found


def secret(*, viewer: Actor, endpoint: WebhookEndpoint) -> str | None:
    """Return the secret of an own webhook to those who may also change it, else None."""
    own = endpoint.organization_id == viewer.organization_id
    if not own or not rights.may(viewer, Operation.WEBHOOKS_WRITE):
        return None
    return secrets.open_(endpoint).decode()


def deliveries(*, viewer: Actor, endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """Return what went to an own webhook, newest first. Raises Forbidden."""
    rights.require(viewer, Operation.WEBHOOKS_READ, organization_id=endpoint.organization_id)
    return endpoint.deliveries.select_related("event").order_by("-id")


def delivery(*, viewer: Actor, endpoint: WebhookEndpoint, identifier: str) -> WebhookDelivery:
    """Return one delivery to an own webhook. Raises Forbidden, NotFound."""
    rows = deliveries(viewer=viewer, endpoint=endpoint)
    found = rows.filter(uuid=_uuid(identifier, "delivery_unknown", "delivery")).first()
    if found is None:
        raise NotFound("delivery_unknown", "There is no such delivery.")
    return found


def deliveries_of_event(*, viewer: Actor, event: OutboxEvent) -> QuerySet[WebhookDelivery]:
    """Return how an event went to the viewer's webhooks; the operator sees those of all."""
    rows = event.deliveries.select_related("endpoint").order_by("id")
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return rows
    own = Q(endpoint__organization_id=viewer.organization_id)
    return rows.filter(own) if viewer.organization_id is not None else rows.none()


def _owned_by(viewer: Actor) -> Q:
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return Q()
    return Q(organization_id=viewer.organization_id, organization__isnull=False)


def _uuid(text: str, code: str, noun: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound(code, f"There is no such {noun}.") from error
