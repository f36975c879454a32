"""Long work: started, leased row by row, settled, cancelled, taken up again."""

from apps.jobs.services.control import request_cancel, resume, retry_failed, start
from apps.jobs.services.rows import (
    CHUNK,
    LeasedRow,
    fail_row,
    finish_row,
    finish_rows,
    keeper,
    lease_rows,
    renew,
    settle_rows,
)
from apps.jobs.services.sweeping import sweep
from apps.jobs.services.working import work

__all__ = [
    "CHUNK",
    "LeasedRow",
    "fail_row",
    "finish_row",
    "finish_rows",
    "keeper",
    "lease_rows",
    "renew",
    "request_cancel",
    "resume",
    "retry_failed",
    "settle_rows",
    "start",
    "sweep",
    "work",
]
