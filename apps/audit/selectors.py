"""Reading the audit trail."""

from django.db.models import QuerySet

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, ActorKind, Role


def visible(viewer: Actor) -> QuerySet[AuditEvent]:
    """Return the events a viewer may see, newest first: what its own organisation did.

    The operator sees all.
    """
    events: QuerySet[AuditEvent] = AuditEvent.objects.order_by("-id")
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return events
    if viewer.organization_id is None:
        return events.none()
    return events.filter(organization_id=viewer.organization_id)


def history_of(viewer: Actor, target_type: str, target_id: str) -> QuerySet[AuditEvent]:
    """Return what the viewer may know of the past of one object, newest first."""
    return visible(viewer).filter(target_type=target_type, target_id=target_id)
