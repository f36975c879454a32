"""Ids that hold the log lines and audit events of one cause together, across processes.

A request has an id of ours and belongs to a trace (W3C Trace Context), the caller's where it names
one. Both travel with every task that the request sends; a task that nobody's request sent has its
own id for one.
"""

import re
import secrets
from typing import Any, Final

from celery.signals import before_task_publish, task_postrun, task_prerun
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

HEADER: Final = "plugpool_cause"
CARRIED: Final = ("request_id", "trace_id")
_TRACEPARENT: Final = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.{0,200})?"
)
_CARRIED_VALUE: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


def bind_trace(traceparent: str) -> None:
    """Take the trace that a caller names (W3C Trace Context, section 3.2), or begin one."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or (found[1] == "00" and found[4]):
        bind_contextvars(trace_id=secrets.token_hex(16), span_id=secrets.token_hex(8))
        return
    bind_contextvars(trace_id=found[2], parent_id=found[3], span_id=secrets.token_hex(8))


def connect() -> None:
    """Let tasks carry the ids of what sent them."""
    before_task_publish.connect(_carry)
    task_prerun.connect(_begin)
    task_postrun.connect(_end)


def _carry(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    known = get_contextvars()
    if headers is not None:
        headers[HEADER] = {name: str(known[name]) for name in CARRIED if name in known}


def _begin(task_id: str, task: Any, **kwargs: Any) -> None:
    clear_contextvars()
    given = getattr(task.request, HEADER, None) or {}
    cause = {
        name: str(given[name])
        for name in CARRIED
        if name in given and _CARRIED_VALUE.fullmatch(str(given[name]))
    }
    fresh = {"request_id": task_id, "trace_id": secrets.token_hex(16)}
    bind_contextvars(task=task.name, task_id=task_id, **(fresh | cause))


def _end(**kwargs: Any) -> None:
    clear_contextvars()
