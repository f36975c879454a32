"""What callers ask for in the query string: pages that go on after a key, never by an offset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.api.parameters import number
from apps.core.errors import Invalid
from apps.jobs.models import JobRow
from apps.jobs.services.control import MAX_ROWS

JOBS: Final = 50
ROWS: Final = 200
STATES: Final = tuple(JobRow.State.values)


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The newest jobs, or those before the one with this id."""

    limit: int
    before: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The rows after this number, or only those in a state."""

    limit: int
    after: int
    state: str


def jobs_page(parameters: Mapping[str, str]) -> JobsPage:
    """Read `limit` (1 to 50) and `before`, the id of a job."""
    limit = number(parameters, "limit", default=JOBS, most=JOBS)
    return JobsPage(max(limit, 1), parameters.get("before", ""))


def rows_page(parameters: Mapping[str, str]) -> RowsPage:
    """Read `limit` (1 to 200), `after` (the number of a row) and `state`; Invalid for others."""
    state = parameters.get("state", "")
    if state and state not in STATES:
        raise Invalid("state", f"state : must be one of {', '.join(STATES)}")
    limit = number(parameters, "limit", default=ROWS, most=ROWS)
    return RowsPage(max(limit, 1), number(parameters, "after", default=0, most=MAX_ROWS), state)
