"""Asking for workers: one message for each that the job can use, as many as there are processes."""

from datetime import datetime

from django.conf import settings

from apps.core.queue import enqueue
from apps.jobs import registry
from apps.jobs.models import Job
from apps.jobs.services.rows import CHUNK, in_hand


def most() -> int:
    """Return how many worker processes one job may take."""
    return int(settings.JOB_WORKERS)


def ask(*, kind: str, job_id: int, rows: int) -> None:
    """Ask for as many workers as `rows` rows are worth; inside the transaction that needs them."""
    for _ in range(_wanted(rows)):
        enqueue(registry.task_of(kind), job_id)


def ask_for_next(*, job: Job) -> None:
    """Come back for the next chunk, behind whatever else waits in the queue."""
    enqueue(registry.task_of(job.kind), job.pk)


def is_crowded(job_id: int, now: datetime) -> bool:
    """Tell whether as many workers as there may be have rows of the job in hand."""
    return hands(job_id, now) >= most()


def hands(job_id: int, now: datetime) -> int:
    """Count the workers that have rows of the job in hand."""
    return in_hand(job_id, now).values("lease").distinct().count()


def missing(job: Job, now: datetime) -> int:
    """Count the workers that a running job could use besides those that are at it."""
    left = job.total - job.done - job.failed
    return max(0, _wanted(left) - hands(job.pk, now))


def _wanted(rows: int) -> int:
    return min(most(), -(-rows // CHUNK))
