"""Reading jobs."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.core.actor import Actor, ActorKind, Role, system
from apps.core.errors import Forbidden, NotFound
from apps.jobs.models import Job, JobRow
from apps.participants.models import User
from apps.participants.selectors import actor_for, actor_of_client, actor_of_member


def visible(viewer: Actor) -> QuerySet[Job]:
    """Return the jobs a viewer may see: those of its organisation; the operator sees all."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return Job.objects.all()
    if viewer.organization_id is None:
        return Job.objects.none()
    return Job.objects.filter(organization_id=viewer.organization_id)


def get(*, viewer: Actor, identifier: str) -> Job:
    """Return one job; a foreign one is as unknown as a wrong id. Raises NotFound."""
    try:
        found = visible(viewer).filter(uuid=uuid.UUID(identifier)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("job_unknown", "There is no such job.")
    return found


def newest(*, viewer: Actor, limit: int, before: str = "") -> list[Job]:
    """Return the newest jobs, or those started before one that the viewer sees.

    Raises NotFound for an unknown `before`.
    """
    jobs = visible(viewer).order_by("-pk")
    if before:
        jobs = jobs.filter(pk__lt=get(viewer=viewer, identifier=before).pk)
    return list(jobs[:limit])


def rows_after(job: Job, *, after: int, limit: int, state: str = "") -> list[JobRow]:
    """Return rows in their order, those after a number; with `state` only those in it."""
    rows = job.rows.filter(number__gt=after).order_by("number")
    return list((rows.filter(state=state) if state else rows)[:limit])


def failed_rows(job: Job) -> QuerySet[JobRow]:
    """Return the rows of a job that failed, in their order."""
    return job.rows.filter(state=JobRow.State.FAILED).order_by("number")


def starter(job: Job) -> Actor:
    """Return who started a job, with the rights of today: what its rows are worked off with.

    Raises Forbidden where the person or client left the organisation or was disabled.
    """
    if job.started_by_kind == ActorKind.SYSTEM.value:
        return _system(job)
    if job.organization is None:
        raise Forbidden("not_a_member", "The job belongs to no organisation.")
    if job.started_by_kind == ActorKind.CLIENT.value:
        actor = actor_of_client(job.started_by)
    else:
        user = User.objects.filter(pk=job.started_by).first()
        actor = actor_of_member(user=user or AnonymousUser(), organization=job.organization)
    if actor.organization_id != job.organization_id:
        raise Forbidden("not_a_member", "Who started the job left the organisation.")
    return actor


def _system(job: Job) -> Actor:
    """Plugpool itself; where it acts for an organisation, with what that one is today."""
    if job.organization is None:
        return system(job.started_by)
    return actor_for(organization=job.organization, part=job.started_by)
