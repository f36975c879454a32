"""Taking up what was stranded: a worker that died, a message that the broker lost."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.core.queue import enqueue
from apps.jobs import registry
from apps.jobs.models import Job, JobRow
from apps.jobs.services.closing import close_if_over
from apps.jobs.services.rows import MAX_ATTEMPTS, available, raise_counter

QUIET: Final = timedelta(seconds=30)
"""So long after a worker was asked for or took rows, a job with free rows is asked for again."""
JOBS_AT_ONCE: Final = 500


def sweep(*, now: datetime) -> int:
    """Fail rows that kill their workers, close jobs that are over, ask again for stranded ones.

    Rows whose lease ran out need no change to be leased again. Returns for how many jobs a worker
    was asked.
    """
    open_jobs = Job.objects.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
    for job_id in open_jobs.values_list("pk", flat=True).order_by("pk")[:JOBS_AT_ONCE]:
        with transaction.atomic():
            _fail_abandoned(job_id, now)
            close_if_over(job_id, now)
    stranded = open_jobs.filter(
        Exists(available(now).filter(job_id=OuterRef("pk"))),
        cancel_requested=False,
        nudged_at__lt=now - QUIET,
        kind__in=registry.known_kinds(),
    )
    return sum(_nudge(job, now) for job in stranded.order_by("pk")[:JOBS_AT_ONCE])


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
        raise_counter(job_id, JobRow.State.FAILED, failed)


def _nudge(job: Job, now: datetime) -> bool:
    with transaction.atomic():
        nudged = Job.objects.filter(pk=job.pk, nudged_at=job.nudged_at).update(nudged_at=now)
        if nudged:
            enqueue(registry.task_of(job.kind), job.pk)
    return bool(nudged)
