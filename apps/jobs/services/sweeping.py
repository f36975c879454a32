"""Taking up what was stranded: a worker that died, a message that the broker lost."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.jobs import registry
from apps.jobs.models import Job, JobRow
from apps.jobs.services import asking
from apps.jobs.services.closing import close_if_over
from apps.jobs.services.rows import MAX_ATTEMPTS, available, count

QUIET: Final = timedelta(seconds=30)
"""So long after a worker was asked for or took rows, a job with free rows is asked for again."""
JOBS_AT_ONCE: Final = 500


def sweep(*, now: datetime) -> int:
    """Fail rows that kill their workers, close jobs that are over, ask again for stranded ones.

    Rows whose lease ran out need no change to be leased again. A job that lost some of its workers
    gets others. Returns for how many jobs workers were asked.
    """
    open_jobs = Job.objects.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
    for job_id in open_jobs.values_list("pk", flat=True).order_by("pk")[:JOBS_AT_ONCE]:
        with transaction.atomic():
            _fail_abandoned(job_id, now)
            close_if_over(job_id, now)
    free = open_jobs.filter(
        Exists(available(now).filter(job_id=OuterRef("pk"))),
        cancel_requested=False,
        kind__in=registry.known_kinds(),
    )
    return sum(_nudge(job, now) for job in free.order_by("pk")[:JOBS_AT_ONCE])


def _fail_abandoned(job_id: int, now: datetime) -> None:
    failed = JobRow.objects.filter(
        job_id=job_id,
        state=JobRow.State.WAITING,
        attempts__gte=MAX_ATTEMPTS,
        leased_until__lt=now,
    ).update(
        state=JobRow.State.FAILED,
        code="abandoned",
        message=f"The work on this row was broken off {MAX_ATTEMPTS} times.",
        lease=None,
        leased_until=None,
    )
    if failed:
        count(job_id, failed=failed)


def _nudge(job: Job, now: datetime) -> bool:
    """Ask for all workers of a job that is quiet, for the missing ones of one that is not.

    A message too many costs nothing: who finds the job crowded goes away.
    """
    if job.nudged_at >= now - QUIET:
        return job.state == Job.State.RUNNING and _fill_up(job, now)
    with transaction.atomic():
        nudged = Job.objects.filter(pk=job.pk, nudged_at=job.nudged_at).update(nudged_at=now)
        if nudged:
            asking.ask(kind=job.kind, job_id=job.pk, rows=job.total - job.done - job.failed)
    return bool(nudged)


def _fill_up(job: Job, now: datetime) -> bool:
    missing = asking.missing(job, now)
    with transaction.atomic():
        for _ in range(missing):
            asking.ask_for_next(job=job)
    return missing > 0
