"""The end of a job, which comes exactly once."""

from datetime import datetime

from django.db.models import F

from apps.audit.services import record
from apps.core.actor import system
from apps.jobs.models import Job, JobRow


def close_if_over(job_id: int, now: datetime) -> None:
    """Close a job whose rows are all settled, or that was cancelled and has no row in hand.

    Each closing is a conditional update, so of several workers one closes and writes the audit
    event. Runs inside the transaction that settled the last row.
    """
    open_jobs = Job.objects.filter(pk=job_id, state__in=(Job.State.WAITING, Job.State.RUNNING))
    settled = open_jobs.filter(total=F("done") + F("failed"))
    if settled.update(state=Job.State.DONE, finished_at=now):
        _record(job_id, Job.State.DONE)
        return
    stopping = open_jobs.filter(cancel_requested=True)
    if not stopping.exists():
        return
    in_hand = JobRow.objects.filter(
        job_id=job_id, state=JobRow.State.WAITING, leased_until__gte=now
    )
    if in_hand.exists():
        return
    if stopping.update(state=Job.State.CANCELLED, finished_at=now):
        _record(job_id, Job.State.CANCELLED)


def _record(job_id: int, state: Job.State) -> None:
    job = Job.objects.get(pk=job_id)
    record(
        actor=system("jobs"),
        action="jobs.finish",
        target_type="job",
        target_id=str(job.uuid),
        detail={"state": state.value, "done": job.done, "failed": job.failed, "rows": job.total},
    )
