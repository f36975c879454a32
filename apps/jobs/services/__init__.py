"""Long work: started, leased row by row, settled, cancelled, taken up again."""

from apps.jobs.services.control import request_cancel, resume, retry_failed, start
from apps.jobs.services.rows import LeasedRow, fail_row, finish_row, finish_rows, lease_rows
from apps.jobs.services.sweeping import sweep

__all__ = [
    "LeasedRow",
    "fail_row",
    "finish_row",
    "finish_rows",
    "lease_rows",
    "request_cancel",
    "resume",
    "retry_failed",
    "start",
    "sweep",
]
