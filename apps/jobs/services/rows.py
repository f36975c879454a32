"""The rows of a job: leased to a worker, then settled once.

Settle a row in the transaction of its effect: where the lease was lost, the Conflict rolls the
effect back as well, and the row's next holder does the work.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.core.errors import Conflict
from apps.jobs.models import Job, JobRow
from apps.jobs.services.closing import close_if_over

LEASE: Final = timedelta(seconds=60)
MAX_ATTEMPTS: Final = 5
"""A row that was leased so often and never settled is failed by the sweep: it kills its workers."""


@dataclass(frozen=True, slots=True)
class LeasedRow:
    """A row in hand: what to do, and the grip that settling it needs."""

    pk: int
    job_id: int
    number: int
    input: dict[str, Any]
    lease: uuid.UUID


def available(now: datetime) -> QuerySet[JobRow]:
    """Return the rows that nobody holds and that may be tried (again)."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return JobRow.objects.filter(free, state=JobRow.State.WAITING, attempts__lt=MAX_ATTEMPTS)


def lease_rows(*, job_id: int, limit: int, now: datetime) -> list[LeasedRow]:
    """Take up to `limit` rows in hand for LEASE; empty when the job has none left or is over.

    Two workers never hold the same row: the update is conditional on what the reading saw.
    """
    grip = uuid.uuid4()
    with transaction.atomic():
        jobs = Job.objects.filter(
            pk=job_id, state__in=(Job.State.WAITING, Job.State.RUNNING), cancel_requested=False
        )
        if not jobs.update(state=Job.State.RUNNING, nudged_at=now):
            return []
        free = available(now).filter(job_id=job_id).order_by("number")
        wanted = list(free.values_list("pk", flat=True)[:limit])
        available(now).filter(pk__in=wanted).update(
            lease=grip, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
    rows = JobRow.objects.filter(lease=grip).order_by("number")
    return [LeasedRow(row.pk, row.job_id, row.number, row.input, grip) for row in rows]


def finish_row(*, row: LeasedRow, message: str = "") -> None:
    """Settle a row as done. Raises Conflict (`lease_lost`)."""
    _settle([row], JobRow.State.DONE, "", message)


def finish_rows(*, rows: Sequence[LeasedRow]) -> None:
    """Settle rows of one job as done, all or none. Raises Conflict (`lease_lost`)."""
    if rows:
        _settle(rows, JobRow.State.DONE, "", "")


def fail_row(*, row: LeasedRow, code: str, message: str) -> None:
    """Settle a row as failed, with what a person needs to mend it. Raises Conflict."""
    _settle([row], JobRow.State.FAILED, code, message)


def _settle(rows: Sequence[LeasedRow], state: JobRow.State, code: str, message: str) -> None:
    job_id, grips = rows[0].job_id, {row.lease for row in rows}
    with transaction.atomic():
        settled = JobRow.objects.filter(
            pk__in=[row.pk for row in rows],
            job_id=job_id,
            lease__in=grips,
            state=JobRow.State.WAITING,
        ).update(
            state=state,
            code=code[:60],
            message=message[:300],
            lease=None,
            leased_until=None,
        )
        if settled != len(rows):
            raise Conflict("lease_lost", "Another worker took this row over.")
        raise_counter(job_id, state, settled)
        close_if_over(job_id, timezone.now())


def raise_counter(job_id: int, state: JobRow.State, by: int) -> None:
    """Count settled rows on the job, inside the transaction that settled them."""
    name = "done" if state is JobRow.State.DONE else "failed"
    Job.objects.filter(pk=job_id).update(**{name: F(name) + by})
