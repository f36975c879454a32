"""Retention: old events leave the database for files, never by an edit.

For each file, in this order: write it, read it back and check every link, give it its name, and
then in one transaction leave an anchor in its place and remove the rows. Whatever breaks off
between two steps has removed nothing; the next run takes the file that is there if it is the same.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.audit import guards, macs
from apps.audit.models import AuditArchive, AuditEvent, AuditSeal
from apps.audit.services import files
from apps.audit.services.chain import Chain
from apps.audit.services.files import Pair, Reading, Span
from apps.audit.services.recording import record
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid

EVENTS_IN_A_FILE: Final = 20_000
"""About; a file ends with the seal that reaches it. Removing as many takes seconds."""
SEALS_IN_A_FILE: Final = 10_000
LOCK: Final = "audit:archive"


@dataclass(frozen=True, slots=True)
class Archived:
    """One file that was written, and the events that left the database for it."""

    path: Path
    events: int
    last_seal: int


def archive(*, actor: Actor, before: datetime, folder: Path) -> Iterator[Archived]:
    """Move what was sealed before an instant into files of `folder`; yield each as it is done.

    The newest seal always stays: the next one is made after it. Events that were sealed late keep
    the seals from theirs on in the database as well. Raises Invalid for an instant that is not
    AUDIT_RETENTION_DAYS ago or a folder that is none, Conflict where the trail does not hold
    (nothing is removed then) or where another file has the name.
    """
    transactions.forbid("Archiving the audit trail")
    days = max(settings.AUDIT_RETENTION_DAYS, guards.KEPT_DAYS + 1)
    if before > timezone.now() - timedelta(days=days):
        raise Invalid("too_young", f"The last {days} days stay: AUDIT_RETENTION_DAYS says so.")
    if not folder.is_dir():
        raise Invalid("folder", f"{folder} is no folder.")
    while True:
        last = AuditArchive.objects.order_by("-number").first()
        span = _next_span(last, before)
        if span is None:
            return
        yield _archive(actor, span, folder)


def _next_span(last: AuditArchive | None, before: datetime) -> Span | None:
    after = last.last_seal if last else 0
    newest = AuditSeal.objects.aggregate(Max("number"))["number__max"] or 0
    reached, events = after, 0
    seals = AuditSeal.objects.filter(number__gt=after, number__lt=newest, at__lt=before)
    for seal in seals.order_by("number")[:SEALS_IN_A_FILE]:
        newest_event = AuditEvent.objects.filter(link__seal=seal).aggregate(Max("at"))["at__max"]
        late = newest_event is not None and newest_event >= before
        # A seal that is missing ends the span: what stands behind it must not leave with it.
        if late or seal.number != reached + 1 or events >= EVENTS_IN_A_FILE:
            break
        reached, events = seal.number, events + seal.events
    if reached == after:
        return None
    return Span(
        number=last.number + 1 if last else 1,
        previous=bytes(last.last_mac) if last else b"",
        first_seal=after + 1,
        last_seal=reached,
    )


def _archive(actor: Actor, span: Span, folder: Path) -> Archived:
    path = folder / span.name
    temporary = folder / f".{span.name}.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    try:
        files.write(temporary, span, _pairs(span))
        read = _read_back(temporary, span)
        if path.exists():
            _require_same(path, span, read)
        else:
            files.put(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _remove(actor, path.name, span, read)
    return Archived(path, read.events, span.last_seal)


def _pairs(span: Span) -> Iterator[Pair]:
    seals = AuditSeal.objects.filter(number__gte=span.first_seal, number__lte=span.last_seal)
    for seal in seals.order_by("number"):
        yield seal, list(AuditEvent.objects.filter(link__seal=seal).order_by("id"))


def _read_back(path: Path, span: Span) -> Reading:
    read = Reading(path)
    chain = Chain(previous=span.previous, after=span.first_seal - 1)
    broken = next(read.findings(chain), None)
    if broken is not None:
        raise Conflict("audit_broken", f"Nothing was removed, as the trail is broken: {broken}.")
    return read


def _require_same(path: Path, span: Span, written: Reading) -> None:
    """Take a file that an earlier run left, if it holds the same."""
    if _read_back(path, span).sha256 != written.sha256:
        raise Conflict("file_exists", f"{path} is there and holds something else: move it away.")


def _remove(actor: Actor, name: str, span: Span, read: Reading) -> None:
    with transaction.atomic(durable=True):
        locks.hold(LOCK)
        anchor = _insert_anchor(name, span, read)
        guards.announce(connection, anchor.number)
        if _delete(span) != read.events:
            raise Conflict("audit_changed", "Nothing was removed: other events stand there now.")
        record(
            actor=actor,
            action="audit.archive",
            target_type="archive",
            target_id=str(anchor.number),
            detail={
                "name": name,
                "sha256": read.sha256.hex(),
                "seals": [span.first_seal, span.last_seal],
                "events": read.events,
            },
        )


def _insert_anchor(name: str, span: Span, read: Reading) -> AuditArchive:
    last = AuditArchive.objects.order_by("-number").first()
    if (last.number if last else 0) != span.number - 1:
        raise Conflict("archived", "Another run archived the same; nothing was removed twice.")
    seal = AuditSeal.objects.get(number=span.last_seal)
    anchor = AuditArchive(
        number=span.number,
        at=timezone.now(),
        name=name,
        sha256=read.sha256,
        first_seal=span.first_seal,
        last_seal=span.last_seal,
        last_mac=bytes(seal.mac),
        events=read.events,
        key_version=macs.current_version(),
    )
    anchor.mac = macs.of_archive(anchor, bytes(last.mac) if last else b"")
    anchor.save()
    return anchor


def _delete(span: Span) -> int:
    """Remove the rows in the order that the triggers want; return how many events."""
    seals = f"SELECT id FROM {guards.SEALS} WHERE number BETWEEN %s AND %s"  # noqa: S608  constants
    links = f"SELECT event_id FROM {guards.LINKS} WHERE seal_id IN ({seals})"  # noqa: S608  constants
    numbers = [span.first_seal, span.last_seal]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {guards.EVENTS} WHERE id IN ({links})", numbers)  # noqa: S608  constants
        events = cursor.rowcount
        cursor.execute(f"DELETE FROM {guards.LINKS} WHERE seal_id IN ({seals})", numbers)  # noqa: S608  constants
        cursor.execute(f"DELETE FROM {guards.SEALS} WHERE id IN ({seals})", numbers)  # noqa: S608  constants
    return int(events)
