"""Keyed MACs (HMAC-SHA-256, RFC 2104) over events and seals; the keys are in settings.AUDIT_KEYS.

What is hashed is JSON with sorted keys: unambiguous, and the same before an event is written and
after any database has given it back. So floats, which databases print in ways of their own, are
not let in.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from apps.audit.models import AuditArchive, AuditEvent, AuditSeal
from apps.core.secret_keys import newest, secret_keys

EVENT_FIELDS: Final = (
    "actor_kind",
    "actor_id",
    "actor_label",
    "organization_id",
    "action",
    "target_type",
    "target_id",
    "result",
    "reason",
    "detail",
    "request_id",
    "key_version",
)


def current_version() -> int:
    """Return the version of the key that new MACs are made with."""
    return newest(settings.AUDIT_KEYS, "AUDIT_KEYS")[0]


def of_event(event: AuditEvent) -> bytes:
    """Return the MAC of an event. Raises KeyError when its key version is not configured."""
    fields: dict[str, Any] = {name: getattr(event, name) for name in EVENT_FIELDS}
    fields["uuid"] = str(event.uuid)
    fields["at"] = _instant(event.at)
    return _mac(event.key_version, "event", fields)


def of_seal(seal: AuditSeal, previous: bytes) -> bytes:
    """Return the MAC of a seal after the MAC of the seal before it (empty for the first)."""
    fields = {
        "number": seal.number,
        "at": _instant(seal.at),
        "reaches": _instant(seal.reaches),
        "events": seal.events,
        "digest": bytes(seal.digest).hex(),
        "key_version": seal.key_version,
        "previous": previous.hex(),
    }
    return _mac(seal.key_version, "seal", fields)


def of_archive(archive: AuditArchive, previous: bytes) -> bytes:
    """Return the MAC of an anchor after the MAC of the anchor before it (empty for the first)."""
    fields = {
        "number": archive.number,
        "at": _instant(archive.at),
        "name": archive.name,
        "sha256": bytes(archive.sha256).hex(),
        "first_seal": archive.first_seal,
        "last_seal": archive.last_seal,
        "last_mac": bytes(archive.last_mac).hex(),
        "events": archive.events,
        "key_version": archive.key_version,
        "previous": previous.hex(),
    }
    return _mac(archive.key_version, "archive", fields)


def of_file(sha256: bytes, version: int) -> bytes:
    """Return the MAC at the end of an archive's file, over the SHA-256 of all lines before it."""
    return _mac(version, "file", {"sha256": sha256.hex()})


def of_backup(said: dict[str, Any], version: int) -> bytes:
    """Return the MAC of what a backup says that it holds. Raises KeyError for an unknown key."""
    return _mac(version, "backup", said)


def digest_of(events: Iterable[tuple[int, bytes]]) -> bytes:
    """Return SHA-256 over the row ids and MACs of a batch, in the order of ids."""
    digest = hashlib.sha256()
    for row, mac in events:
        digest.update(row.to_bytes(8, "big") + mac)
    return digest.digest()


def same(one: bytes | memoryview, other: bytes | memoryview) -> bool:
    """Compare two MACs in constant time; databases give binary columns back in either type."""
    return hmac.compare_digest(bytes(one), bytes(other))


def _mac(version: int, kind: str, fields: dict[str, Any]) -> bytes:
    key = secret_keys(settings.AUDIT_KEYS, "AUDIT_KEYS")[version]
    text = json.dumps([kind, fields], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hmac.digest(key, text.encode(), "sha256")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
