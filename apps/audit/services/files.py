"""Files of archived events: JSON lines with a MAC at their end.

The first line names the archive and the MAC of the seal before it; then each seal is followed by
its events, all with the MACs that they had; the last line holds the SHA-256 of the lines before it
and a MAC over that. So a file is checked with the audit keys alone.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apps.audit import lines, macs
from apps.audit.models import AuditEvent, AuditSeal
from apps.audit.services.chain import Chain, Finding

FORMAT: Final = 1
LINE_AT_MOST: Final = 1_000_000
"""Octets; an event's detail is far smaller."""
EVENTS_AT_MOST: Final = 100_000
"""Under one seal; a seal covers far fewer."""
Pair = tuple[AuditSeal, list[AuditEvent]]
UNREADABLE: Final = (KeyError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of the chain a file holds."""

    number: int
    previous: bytes
    first_seal: int
    last_seal: int

    @property
    def name(self) -> str:
        return f"audit-{self.number:06}-seals-{self.first_seal}-{self.last_seal}.jsonl"


def write(path: Path, span: Span, pairs: Iterable[Pair]) -> None:
    """Write a new file, readable by its owner alone, and wait until the disk has it.

    Raises FileExistsError when something of that name is there already.
    """
    digest, count = hashlib.sha256(), 0
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        for line in _lines(span, pairs):
            count += line["kind"] == "event"
            octets = lines.encoded(line)
            digest.update(octets)
            stream.write(octets)
        version = macs.current_version()
        end = {"kind": "end", "events": count, "sha256": digest.hexdigest(), "keyVersion": version}
        end["mac"] = macs.of_file(digest.digest(), version).hex()
        stream.write(lines.encoded(end))
        stream.flush()
        os.fsync(stream.fileno())


def put(temporary: Path, path: Path) -> None:
    """Give a written file its name; the folder knows it for good before this returns."""
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lines(span: Span, pairs: Iterable[Pair]) -> Iterator[dict[str, object]]:
    yield {
        "kind": "archive",
        "format": FORMAT,
        "number": span.number,
        "firstSeal": span.first_seal,
        "lastSeal": span.last_seal,
        "previous": span.previous.hex(),
    }
    for seal, events in pairs:
        yield lines.archived_seal(seal)
        yield from (lines.archived_event(event) for event in events)


class Reading:
    """One file as it is read back; `sha256`, `span` and `events` stand when all was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = hashlib.sha256()
        self.sha256 = b""
        self.span: Span | None = None
        self.events = 0
        self._end: dict[str, Any] = {}

    def findings(self, chain: Chain) -> Iterator[Finding]:
        """Check every line; the chain goes on to the last seal of the file."""
        try:
            with self._path.open("rb") as stream:
                yield from self._check(self._parsed(stream), chain)
        except OSError as error:
            yield Finding(self._path.name, f"cannot be read: {error.strerror}")
        except UNREADABLE:
            yield Finding(self._path.name, "is not a file of the audit trail, or was cut")
        self.sha256 = self._read.digest()

    def _parsed(self, stream: Any) -> Iterator[dict[str, Any]]:
        while octets := stream.readline(LINE_AT_MOST):
            line = json.loads(octets)
            if line["kind"] == "end":
                line["found"] = self._read.digest()
            self._read.update(octets)
            yield line

    def _check(self, found: Iterator[dict[str, Any]], chain: Chain) -> Iterator[Finding]:
        self.span = span = _span(next(found, {}))
        if span.previous != chain.previous or span.first_seal != chain.after + 1:
            yield Finding(self._path.name, "does not go on where the archive before it ended")
        for seal, events in self._pairs(found):
            self.events += len(events)
            yield from chain.follow(seal, events)
        if not _holds_end(self._end, self.events):
            yield Finding(self._path.name, "its MAC does not fit its content")
        if chain.after != span.last_seal:
            yield Finding(self._path.name, f"ends before seal {span.last_seal}")

    def _pairs(self, found: Iterator[dict[str, Any]]) -> Iterator[Pair]:
        pair: Pair | None = None
        for line in found:
            kind = line["kind"]
            if kind == "event" and pair is not None and len(pair[1]) < EVENTS_AT_MOST:
                pair[1].append(lines.event_from(line))
                continue
            if pair is not None:
                yield pair
                pair = None
            if kind == "seal":
                pair = (lines.seal_from(line), [])
            elif kind == "end" and not self._end:
                self._end = line
            else:
                raise ValueError(kind)
        if pair is not None:
            yield pair


def _span(line: dict[str, Any]) -> Span:
    if line.get("kind") != "archive" or line["format"] != FORMAT:
        raise ValueError("not an archive")
    return Span(
        number=int(line["number"]),
        previous=bytes.fromhex(line["previous"]),
        first_seal=int(line["firstSeal"]),
        last_seal=int(line["lastSeal"]),
    )


def _holds_end(end: dict[str, Any], events: int) -> bool:
    try:
        made = macs.of_file(end["found"], int(end["keyVersion"]))
        return (
            macs.same(made, bytes.fromhex(end["mac"]))
            and end["sha256"] == end["found"].hex()
            and end["events"] == events
        )
    except UNREADABLE:
        return False
