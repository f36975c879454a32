"""Checking the audit trail: every event, every seal, in the order of the chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from apps.audit import macs
from apps.audit.models import AuditEvent, AuditSeal

FINDINGS_AT_MOST = 100
ROWS = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One break: `where` names the seal or event, `what` says what does not hold."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def verify(*, head: str = "") -> list[Finding]:
    """Check the whole trail; return its first FINDINGS_AT_MOST breaks, the first broken link first.

    `head` is the MAC (hex) of a seal that was seen earlier, in a log say: it must still be in the
    chain, which shows that nothing was cut off at its end.
    """
    return list(islice(_findings(head.lower()), FINDINGS_AT_MOST))


def verify_newest(*, seals: int) -> tuple[list[Finding], int]:
    """Check the newest seals and what is not sealed yet; return the breaks and how many seals.

    The seal before the first one is taken as it stands: `verify` is for the whole trail.
    """
    last = AuditSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    after = max(0, last - seals)
    found = list(islice(_findings("", after=after), FINDINGS_AT_MOST))
    return found, AuditSeal.objects.filter(number__gt=after).count()


def _findings(head: str, *, after: int = 0) -> Iterator[Finding]:
    before = AuditSeal.objects.filter(number=after).values_list("mac", flat=True).first()
    previous, expected, met = bytes(before or b""), after + 1, not head
    for seal in AuditSeal.objects.filter(number__gt=after).order_by("number").iterator(ROWS):
        where = f"seal {seal.number}"
        if seal.number != expected:
            yield Finding(where, f"seal {expected} is missing before it")
        if not _holds_seal(seal, previous):
            yield Finding(where, "its MAC does not follow from its content and the seal before")
        yield from _findings_inside(seal)
        previous, expected = bytes(seal.mac), seal.number + 1
        met = met or previous.hex() == head
    if not met:
        yield Finding("chain", "the given head is not in it: seals were cut off or replaced")
    for event in AuditEvent.objects.filter(link__isnull=True).order_by("id").iterator(ROWS):
        if not _holds_event(event):
            yield Finding(f"event {event.pk} (not sealed yet)", "its MAC does not fit its content")


def _findings_inside(seal: AuditSeal) -> Iterator[Finding]:
    where = f"seal {seal.number}"
    events = list(AuditEvent.objects.filter(link__seal=seal).order_by("id"))
    for event in events:
        if not _holds_event(event):
            yield Finding(f"{where}, event {event.pk}", "its MAC does not fit its content")
    if len(events) != seal.events:
        yield Finding(where, f"covers {seal.events} events, {len(events)} are there")
    if not macs.same(macs.digest_of((e.pk, bytes(e.mac)) for e in events), seal.digest):
        yield Finding(where, "its digest does not fit its events: removed, added or reordered")


def _holds_event(event: AuditEvent) -> bool:
    try:
        return macs.same(macs.of_event(event), event.mac)
    except KeyError:
        return False


def _holds_seal(seal: AuditSeal, previous: bytes) -> bool:
    try:
        return macs.same(macs.of_seal(seal, previous), seal.mac)
    except KeyError:
        return False
