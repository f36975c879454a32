"""Reading jobs."""

from django.db.models import QuerySet

from apps.core.actor import Actor, ActorKind, Role
from apps.jobs.models import Job


def visible(viewer: Actor) -> QuerySet[Job]:
    """Return the jobs a viewer may see: those of its organisation; the operator sees all."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return Job.objects.all()
    if viewer.organization_id is None:
        return Job.objects.none()
    return Job.objects.filter(organization_id=viewer.organization_id)
