"""Following the chain of seals from one link to the next, wherever the rows come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.audit import macs
from apps.audit.models import AuditArchive, AuditEvent, AuditSeal


@dataclass(frozen=True, slots=True)
class Finding:
    """One break: `where` names the seal or event, `what` says what does not hold."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Chain:
    """How far the chain was followed: the MAC of the last seal, and the number of the next."""

    def __init__(self, *, head: str = "", previous: bytes = b"", after: int = 0) -> None:
        self._head = head
        self.met_head = not head
        self.previous = previous
        self.after = after

    def reach(self, previous: bytes, after: int) -> None:
        """Go on behind a seal that is not looked at, whose number and MAC are taken as known."""
        self.previous, self.after = previous, after
        self.met_head = self.met_head or previous.hex() == self._head

    def follow(self, seal: AuditSeal, events: Sequence[AuditEvent]) -> Iterator[Finding]:
        """Check the next seal with its events (in the order of their ids), and go on to it."""
        where = f"seal {seal.number}"
        if seal.number != self.after + 1:
            yield Finding(where, f"seal {self.after + 1} is missing before it")
        if not _holds_seal(seal, self.previous):
            yield Finding(where, "its MAC does not follow from its content and the seal before")
        for event in events:
            if not holds_event(event):
                yield Finding(f"{where}, event {event.pk}", "its MAC does not fit its content")
        if len(events) != seal.events:
            yield Finding(where, f"covers {seal.events} events, {len(events)} are there")
        if not macs.same(macs.digest_of((e.pk, bytes(e.mac)) for e in events), seal.digest):
            yield Finding(where, "its digest does not fit its events: removed, added or reordered")
        self.reach(bytes(seal.mac), seal.number)


def holds_event(event: AuditEvent) -> bool:
    """Tell whether an event's MAC fits its content."""
    try:
        return macs.same(macs.of_event(event), event.mac)
    except KeyError:
        return False


def holds_archive(archive: AuditArchive, previous: bytes) -> bool:
    """Tell whether an anchor's MAC fits its content and the anchor before."""
    try:
        return macs.same(macs.of_archive(archive, previous), archive.mac)
    except KeyError:
        return False


def _holds_seal(seal: AuditSeal, previous: bytes) -> bool:
    try:
        return macs.same(macs.of_seal(seal, previous), seal.mac)
    except KeyError:
        return False
