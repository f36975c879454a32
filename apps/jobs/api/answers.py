"""Jobs in JSON, as this service has them; OPCP has no such thing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from apps.jobs import registry
from apps.jobs.models import Job, JobRow


def job(row: Job) -> dict[str, Any]:
    """A job without its rows. Who started it is named as in the audit trail."""
    return {
        "id": str(row.uuid),
        "kind": row.kind,
        "state": row.state,
        "cancelRequested": row.cancel_requested,
        "total": row.total,
        "done": row.done,
        "failed": row.failed,
        "startedBy": {"kind": row.started_by_kind, "name": row.started_by_label},
        "created": _instant(row.created_at),
        "finished": _instant(row.finished_at) if row.finished_at else None,
    }


def rows(row: Job, found: Sequence[JobRow], *, limit: int) -> dict[str, Any]:
    """A page of rows; `next` is the `after` of the page that follows, null at the end."""
    columns = registry.described(row.kind).columns
    return {
        "rows": [_row(one, columns) for one in found],
        "next": found[-1].number if len(found) == limit else None,
    }


def _row(row: JobRow, columns: Sequence[str]) -> dict[str, Any]:
    return {
        "number": row.number,
        "names": {name: str(row.input.get(name, "")) for name in columns},
        "state": row.state,
        "code": row.code,
        "message": row.message,
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
