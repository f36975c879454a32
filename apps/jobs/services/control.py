"""Starting, cancelling and resuming a job, and trying its failed rows again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.audit.services import record
from apps.core import bulk
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.jobs import registry
from apps.jobs.models import Job, JobRow
from apps.jobs.services.asking import ask
from apps.jobs.services.closing import close_if_over
from apps.participants import rights
from apps.participants.rights import Operation

MAX_ROWS: Final = 100_000
BATCH: Final = 1000
OPEN: Final = (Job.State.WAITING, Job.State.RUNNING)


def start(*, actor: Actor, kind: str, rows: Sequence[Mapping[str, Any]]) -> Job:
    """Make a job of 1 to MAX_ROWS rows and ask for workers; each row's input is JSON.

    May run inside the caller's transaction; the workers are asked after its commit. Raises
    Forbidden, Invalid (`rows`), LookupError for a kind that nobody registered.
    """
    rights.require(actor, Operation.JOBS_WRITE, organization_id=actor.organization_id)
    registry.task_of(kind)
    if not 0 < len(rows) <= MAX_ROWS:
        raise Invalid("rows", f"1 to {MAX_ROWS:,} rows are needed.")
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            organization_id=actor.organization_id,
            started_by_kind=actor.kind.value,
            started_by=actor.identifier,
            started_by_label=actor.label,
            total=len(rows),
        )
        for first in range(0, len(rows), BATCH):
            part = enumerate(rows[first : first + BATCH], start=first + 1)
            bulk.insert([JobRow(job=job, number=number, input=dict(row)) for number, row in part])
        _record(actor, "jobs.start", job)
        ask(kind=kind, job_id=job.pk, rows=job.total)
    return job


def request_cancel(*, actor: Actor, job: Job) -> None:
    """Stop a job: no more rows are leased; rows in hand are still settled.

    Raises Forbidden, Conflict (`job_over`). A second request changes nothing.
    """
    rights.require(actor, Operation.JOBS_WRITE, organization_id=job.organization_id)
    with transaction.atomic():
        open_jobs = Job.objects.filter(pk=job.pk, state__in=OPEN)
        if open_jobs.filter(cancel_requested=False).update(cancel_requested=True):
            _record(actor, "jobs.cancel", job)
            close_if_over(job.pk, timezone.now())
        elif not open_jobs.exists():
            raise Conflict("job_over", "This job is over already.")
    job.refresh_from_db()


def resume(*, actor: Actor, job: Job) -> None:
    """Take up a cancelled job where it stopped.

    Raises Forbidden, Conflict (`job_not_cancelled`).
    """
    rights.require(actor, Operation.JOBS_WRITE, organization_id=job.organization_id)
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).update(
            state=Job.State.WAITING,
            cancel_requested=False,
            finished_at=None,
            nudged_at=timezone.now(),
        )
        if not changed:
            raise Conflict("job_not_cancelled", "Only a cancelled job can be resumed.")
        _record(actor, "jobs.resume", job)
        ask(kind=job.kind, job_id=job.pk, rows=job.total)
    job.refresh_from_db()


def retry_failed(*, actor: Actor, job: Job) -> int:
    """Try the failed rows of a job that is over once more; return how many.

    Raises Forbidden, Conflict: `job_not_over`, `nothing_failed`.
    """
    rights.require(actor, Operation.JOBS_WRITE, organization_id=job.organization_id)
    with transaction.atomic():
        found = Job.objects.select_for_update().get(pk=job.pk)
        if found.state != Job.State.DONE:
            raise Conflict("job_not_over", "Only a job that is done can try failed rows again.")
        count = JobRow.objects.filter(job=found, state=JobRow.State.FAILED).update(
            state=JobRow.State.WAITING,
            attempts=0,
            code="",
            message="",
            lease=None,
            leased_until=None,
        )
        if not count:
            raise Conflict("nothing_failed", "No row of this job has failed.")
        found.state, found.failed = Job.State.WAITING, found.failed - count
        found.finished_at, found.nudged_at = None, timezone.now()
        found.save(update_fields=["state", "failed", "finished_at", "nudged_at", "updated_at"])
        _record(actor, "jobs.retry", found)
        ask(kind=found.kind, job_id=found.pk, rows=count)
    job.refresh_from_db()
    return count


def _record(actor: Actor, action: str, job: Job) -> None:
    record(
        actor=actor,
        action=action,
        target_type="job",
        target_id=str(job.uuid),
        detail={"kind": job.kind, "rows": job.total},
    )
