"""Reading the outbox."""

from django.db.models import Q, QuerySet

from apps.core.actor import Actor, ActorKind, Role
from apps.events.models import OutboxEvent


def visible(*, viewer: Actor) -> QuerySet[OutboxEvent]:
    """Return the events a viewer may see, newest first: its own, and those addressed to all."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return OutboxEvent.objects.order_by("-id")
    mine = Q(organization__isnull=True)
    if viewer.organization_id is not None:
        mine |= Q(organization_id=viewer.organization_id)
    return OutboxEvent.objects.filter(mine).order_by("-id")
