"""Working off a job in chunks, by any number of worker processes at once; one way for every kind.

A chunk is one message: about CHUNK rows, taken in batches, each with a lease of its own, and then
a message for the next chunk, so that other work in the queue has its turn. What a lost message or
a killed worker leaves behind, the sweep finds.
"""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError
from apps.jobs.models import Job
from apps.jobs.selectors import starter
from apps.jobs.services.asking import ask_for_next, is_crowded
from apps.jobs.services.rows import CHUNK, LeasedRow, fail_rest, lease_rows

log = get_logger(__name__)

SettleBatch = Callable[[Actor, Sequence[LeasedRow]], None]


def work(*, job_id: int, settle_batch: SettleBatch, batch_size: int = CHUNK) -> None:
    """Work off one chunk of a job and come back for the next: what the task of a kind calls.

    `settle_batch` gets who started the job, with the rights of today, and up to `batch_size` rows
    in hand. It settles each row in the transaction of its effect, within the lease or renewing
    it. A DomainError fails the rows that are still in hand; where a lease was lost (Conflict
    `lease_lost`), they are the new holder's. A message too many ends here, so that one job never
    takes more than JOB_WORKERS processes. Cancelling stops after the batch in hand.
    """
    job = Job.objects.select_related("organization").filter(pk=job_id).first()
    if job is None or is_crowded(job_id, timezone.now()):
        return
    left = CHUNK
    while left > 0:
        limit = min(batch_size, left)
        rows = lease_rows(job_id=job_id, limit=limit, now=timezone.now())
        if not rows:
            return
        _settle(job, rows, settle_batch)
        left -= len(rows)
    with transaction.atomic():
        ask_for_next(job=job)


def _settle(job: Job, rows: Sequence[LeasedRow], settle_batch: SettleBatch) -> None:
    try:
        _settle_or_fail(job, rows, settle_batch)
    except Conflict as error:
        if error.code != "lease_lost":
            raise
        log.info("batch_lost", job=job.pk, rows=len(rows))


def _settle_or_fail(job: Job, rows: Sequence[LeasedRow], settle_batch: SettleBatch) -> None:
    try:
        settle_batch(starter(job), rows)
    except DomainError as error:
        if error.code == "lease_lost":
            raise
        fail_rest(rows=rows, error=error)
