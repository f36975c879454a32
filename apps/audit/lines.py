"""Events, seals and what holds them together as JSON lines: for the export and for archives."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.audit.models import AuditEvent, AuditSeal


def line_of(event: AuditEvent) -> dict[str, object]:
    """Return an event whole, as a line of the export says it: instants in UTC, the MAC in hex."""
    return {
        "id": str(event.uuid),
        "at": _instant(event.at),
        "action": event.action,
        "result": event.result,
        "reason": event.reason,
        "actorKind": event.actor_kind,
        "actorId": event.actor_id,
        "actor": event.actor_label,
        "organization": event.organization_id,
        "targetType": event.target_type,
        "targetId": event.target_id,
        "detail": event.detail,
        "requestId": event.request_id,
        "keyVersion": event.key_version,
        "mac": bytes(event.mac).hex(),
    }


def archived_event(event: AuditEvent) -> dict[str, object]:
    """Return an event as a line of an archive: as in the export, with the id of its row."""
    return {"kind": "event", "row": event.pk, **line_of(event)}


def event_from(line: Mapping[str, Any]) -> AuditEvent:
    """Return the event that `archived_event` wrote. Raises KeyError, TypeError or ValueError."""
    return AuditEvent(
        id=int(line["row"]),
        uuid=uuid.UUID(line["id"]),
        at=datetime.fromisoformat(line["at"]),
        action=line["action"],
        result=line["result"],
        reason=line["reason"],
        actor_kind=line["actorKind"],
        actor_id=line["actorId"],
        actor_label=line["actor"],
        organization_id=line["organization"],
        target_type=line["targetType"],
        target_id=line["targetId"],
        detail=line["detail"],
        request_id=line["requestId"],
        key_version=line["keyVersion"],
        mac=bytes.fromhex(line["mac"]),
    )


def archived_seal(seal: AuditSeal) -> dict[str, object]:
    """Return a seal as a line of an archive; the lines of its events follow it."""
    return {
        "kind": "seal",
        "number": seal.number,
        "at": _instant(seal.at),
        "reaches": _instant(seal.reaches),
        "events": seal.events,
        "digest": bytes(seal.digest).hex(),
        "keyVersion": seal.key_version,
        "mac": bytes(seal.mac).hex(),
    }


def seal_from(line: Mapping[str, Any]) -> AuditSeal:
    """Return the seal that `archived_seal` wrote. Raises KeyError, TypeError or ValueError."""
    return AuditSeal(
        number=line["number"],
        at=datetime.fromisoformat(line["at"]),
        reaches=datetime.fromisoformat(line["reaches"]),
        events=line["events"],
        digest=bytes.fromhex(line["digest"]),
        key_version=line["keyVersion"],
        mac=bytes.fromhex(line["mac"]),
    )


def encoded(line: Mapping[str, object]) -> bytes:
    """Return one line with its end, the same octets for the same content."""
    return json.dumps(line, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
