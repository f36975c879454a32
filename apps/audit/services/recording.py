"""Inserting audit events, each with its own MAC."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone
from structlog.contextvars import get_contextvars

from apps.audit import macs
from apps.audit.models import AuditEvent
from apps.core import bulk
from apps.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of a batch: what happened to which object."""

    target_type: str
    target_id: str
    result: str = AuditEvent.Result.OK.value
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    actor: Actor,
    action: str,
    target_type: str,
    target_id: str,
    result: str = AuditEvent.Result.OK.value,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one event inside the transaction of the change that it tells of.

    `action` is `app.verb` (`provisioning_pool.publish`). `detail` holds texts, whole numbers,
    booleans, None, lists and objects of those; never a secret. Texts longer than their column are
    cut. Raises RuntimeError outside a transaction, TypeError for other values in `detail`.
    """
    entry = Entry(
        target_type=target_type,
        target_id=target_id,
        result=result,
        reason=reason,
        detail=detail or {},
    )
    return record_many(actor=actor, action=action, entries=[entry])[0]


def record_many(*, actor: Actor, action: str, entries: Iterable[Entry]) -> list[AuditEvent]:
    """Write one event for each changed object of a batch, see `record`."""
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event belongs into the transaction of its change")
    events = [_event(actor, action, entry) for entry in entries]
    if len(events) == 1 and connection.vendor == "postgresql":
        _insert(events[0])
    else:
        bulk.insert(events)
    return events


def _insert(event: AuditEvent) -> None:
    """Insert one event as one JSON text: a value for each column takes the driver four times that.

    It goes with every change there is, so its cost is what auditing costs.
    """
    statement, names = _statement()
    values = {name: getattr(event, name) for name in names}
    values |= {"uuid": str(event.uuid), "at": event.at.isoformat(), "mac": f"\\x{event.mac.hex()}"}
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(values)])
        (event.pk,) = cursor.fetchone()
    event._state.adding, event._state.db = False, connection.alias  # noqa: SLF001  as the ORM does


@cache
def _statement() -> tuple[str, list[str]]:
    meta = AuditEvent._meta  # noqa: SLF001  Django documents it
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    typed = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    statement = (
        f'INSERT INTO "{meta.db_table}" ({names}) SELECT {names}'  # noqa: S608  our own names
        f" FROM json_to_record(%s::json) AS event ({typed}) RETURNING id"
    )
    return statement, [str(field.attname) for field in fields]


def _event(actor: Actor, action: str, entry: Entry) -> AuditEvent:
    event = AuditEvent(
        at=timezone.now(),
        actor_kind=actor.kind.value,
        actor_id=_text(actor.identifier, 64),
        actor_label=_text(actor.label, 150),
        organization_id=actor.organization_id,
        action=_text(action, 60),
        target_type=_text(entry.target_type, 40),
        target_id=_text(entry.target_id, 100),
        result=AuditEvent.Result(entry.result).value,
        reason=_text(entry.reason, 300),
        detail=_plain(dict(entry.detail)),
        request_id=_text(actor.request_id or str(get_contextvars().get("request_id", "")), 64),
        key_version=macs.current_version(),
    )
    event.mac = macs.of_event(event)
    return event


def _text(value: str, longest: int) -> str:
    """Cut to the column, and replace what PostgreSQL cannot store (NUL, lone surrogates)."""
    storable = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return storable if len(storable) <= longest else storable[: longest - 1] + "…"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(str(value), 2000)
    if isinstance(value, Mapping):
        return {_text(str(name), 100): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    raise TypeError(f"{type(value).__name__} has no place in the detail of an audit event")
