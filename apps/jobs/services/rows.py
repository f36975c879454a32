"""The rows of a job: leased to a worker, then settled once.

Settle a row in the transaction of its effect: where the lease was lost, the Conflict rolls the
effect back as well, and the row's next holder does the work.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.core.errors import Conflict, DomainError
from apps.jobs.models import Job, JobRow
from apps.jobs.services.closing import close_if_over

LEASE: Final = timedelta(seconds=60)
RENEW_AFTER: Final = 10
"""Seconds after which a keeper renews the lease: none waits longer than that between two calls."""
CHUNK: Final = 200
"""Rows that one worker takes before it lets others have their turn."""
ALONE_AFTER: Final = 2
"""A row that was leased so often is leased alone, so that it takes no others down with it."""
MAX_ATTEMPTS: Final = 5
"""A row that was leased so often and never settled is failed by the sweep: it kills its workers."""


_Found = tuple[int, int, Any, int]


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


def in_hand(job_id: int, now: datetime) -> QuerySet[JobRow]:
    """Return the rows of a job that somebody holds."""
    leased = JobRow.objects.filter(job_id=job_id, lease__isnull=False, leased_until__gte=now)
    return leased.filter(state=JobRow.State.WAITING)


def lease_rows(*, job_id: int, limit: int, now: datetime) -> list[LeasedRow]:
    """Take up to `limit` rows in hand for LEASE; empty when the job has none left or is over.

    Two workers never hold the same row: rows that another is just taking are passed over.
    """
    grip = uuid.uuid4()
    with transaction.atomic():
        jobs = Job.objects.filter(
            pk=job_id, state__in=(Job.State.WAITING, Job.State.RUNNING), cancel_requested=False
        )
        if not jobs.update(state=Job.State.RUNNING, nudged_at=now):
            return []
        free = available(now).filter(job_id=job_id).order_by("number")
        found = free.select_for_update(skip_locked=True)
        rows = _together(found.values_list("pk", "number", "input", "attempts")[:limit])
        JobRow.objects.filter(pk__in=[row[0] for row in rows]).update(
            lease=grip, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
    return [LeasedRow(pk, job_id, number, given, grip) for pk, number, given, _ in rows]


def _together(found: Iterable[_Found]) -> list[_Found]:
    """Leave a row that its workers did not survive to a lease of its own."""
    rows = list(found)
    if rows and rows[0][3] >= ALONE_AFTER:
        return rows[:1]
    return [row for row in rows if row[3] < ALONE_AFTER]


def renew(*, rows: Sequence[LeasedRow]) -> None:
    """Hold rows for another LEASE from now: for work that waits for others, between its steps.

    Raises Conflict (`lease_lost`).
    """
    if rows and _held(rows).update(leased_until=timezone.now() + LEASE) != len(rows):
        raise _lost()


def keeper(*, rows: Sequence[LeasedRow]) -> Callable[[], None]:
    """Return what renews the lease each time that RENEW_AFTER is over: call it before each wait."""
    due = monotonic() + RENEW_AFTER

    def keep() -> None:
        nonlocal due
        if monotonic() >= due:
            renew(rows=rows)
            due = monotonic() + RENEW_AFTER

    return keep


def finish_row(*, row: LeasedRow, message: str = "") -> None:
    """Settle a row as done. Raises Conflict (`lease_lost`)."""
    settle_rows(outcomes=[(row, message)])


def finish_rows(*, rows: Sequence[LeasedRow]) -> None:
    """Settle rows of one job as done, all or none. Raises Conflict (`lease_lost`)."""
    settle_rows(outcomes=[(row, "") for row in rows])


def fail_row(*, row: LeasedRow, code: str, message: str) -> None:
    """Settle a row as failed, with what a person needs to mend it. Raises Conflict."""
    settle_rows(outcomes=[(row, DomainError(code, message))])


def settle_rows(*, outcomes: Sequence[tuple[LeasedRow, str | DomainError]]) -> None:
    """Settle rows of one job, all or none: done with a message, or failed with an error.

    One statement for all rows with the same outcome. Raises Conflict (`lease_lost`).
    """
    if not outcomes:
        return
    job_id = outcomes[0][0].job_id
    alike: dict[tuple[JobRow.State, str, str], list[LeasedRow]] = defaultdict(list)
    for row, outcome in outcomes:
        alike[_ending(outcome)].append(row)
    with transaction.atomic():
        for (state, code, message), rows in sorted(alike.items(), key=_first):
            ending = {"state": state, "code": code[:60], "message": message[:300]}
            if _held(rows).update(**ending, lease=None, leased_until=None) != len(rows):
                raise _lost()
        failed = sum(isinstance(outcome, DomainError) for _, outcome in outcomes)
        count(job_id, done=len(outcomes) - failed, failed=failed)
        close_if_over(job_id, timezone.now())


def fail_rest(*, rows: Sequence[LeasedRow], error: DomainError) -> None:
    """Fail those of the rows that are still in hand, after work on all of them was broken off."""
    with transaction.atomic():
        held = set(_held(rows).select_for_update().values_list("pk", flat=True))
        settle_rows(outcomes=[(row, error) for row in rows if row.pk in held])


def count(job_id: int, *, done: int = 0, failed: int = 0) -> None:
    """Count settled rows on the job, inside the transaction that settled them."""
    Job.objects.filter(pk=job_id).update(done=F("done") + done, failed=F("failed") + failed)


def _ending(outcome: str | DomainError) -> tuple[JobRow.State, str, str]:
    if isinstance(outcome, DomainError):
        return JobRow.State.FAILED, outcome.code, outcome.message
    return JobRow.State.DONE, "", outcome


def _first(group: tuple[object, Sequence[LeasedRow]]) -> int:
    return group[1][0].number


def _held(rows: Sequence[LeasedRow]) -> QuerySet[JobRow]:
    return JobRow.objects.filter(
        pk__in=[row.pk for row in rows],
        job_id=rows[0].job_id,
        lease__in={row.lease for row in rows},
        state=JobRow.State.WAITING,
    )


def _lost() -> Conflict:
    return Conflict("lease_lost", "Another worker took this row over.")
