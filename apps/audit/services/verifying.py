"""Checking the audit trail: archives, every event, every seal, in the order of the chain."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from apps.audit import macs
from apps.audit.models import AuditArchive, AuditEvent, AuditSeal
from apps.audit.services.chain import Chain, Finding, holds_archive, holds_event
from apps.audit.services.files import Reading

FINDINGS_AT_MOST = 100
ROWS = 2000


def verify(*, head: str = "", archive: Path | None = None) -> list[Finding]:
    """Check the whole trail; return its first FINDINGS_AT_MOST breaks, the first broken link first.

    `head` is the MAC (hex) of a seal that was seen earlier, in a log say: it must still be in the
    chain, which shows that nothing was cut off at its end. `archive` is the folder of the archived
    files; without it their anchors are checked alone.
    """
    chain = Chain(head=head.lower())
    return list(islice(_findings(chain, archive), FINDINGS_AT_MOST))


def verify_newest(*, seals: int) -> tuple[list[Finding], int]:
    """Check the newest seals and what is not sealed yet; return the breaks and how many seals.

    What stands before the first one is taken as it stands: `verify` is for the whole trail.
    """
    last = AuditSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    after, previous = max(0, last - seals), b""
    anchor = AuditArchive.objects.order_by("-number").first()
    if anchor is not None and anchor.last_seal >= after:
        after, previous = anchor.last_seal, bytes(anchor.last_mac)
    elif after:
        before = AuditSeal.objects.filter(number=after).values_list("mac", flat=True).first()
        previous = bytes(before or b"")
    chain = Chain(previous=previous, after=after)
    found = list(islice(_in_database(chain), FINDINGS_AT_MOST))
    return found, AuditSeal.objects.filter(number__gt=after).count()


def _findings(chain: Chain, archive: Path | None) -> Iterator[Finding]:
    yield from _archived(chain, archive)
    for number in AuditSeal.objects.filter(number__lte=chain.after).values_list(
        "number", flat=True
    ):
        yield Finding(f"seal {number}", "is in the database, and in an archive as well")
    yield from _in_database(chain)
    if not chain.met_head:
        where = "" if archive else " (archived seals are looked through with --archive)"
        yield Finding(
            "chain", f"the given head is not in it: seals were cut off or replaced{where}"
        )


def _archived(chain: Chain, archive: Path | None) -> Iterator[Finding]:
    """Check the anchors, and the files that they name."""
    previous, number = b"", 0
    for anchor in AuditArchive.objects.order_by("number").iterator(ROWS):
        where = f"archive {anchor.number}"
        if anchor.number != number + 1:
            yield Finding(where, f"archive {number + 1} is missing before it")
        if not holds_archive(anchor, previous):
            yield Finding(where, "its MAC does not follow from its content and the archive before")
        if archive is not None:
            yield from _file(anchor, archive, chain)
        previous, number = bytes(anchor.mac), anchor.number
        chain.reach(bytes(anchor.last_mac), anchor.last_seal)


def _file(anchor: AuditArchive, archive: Path, chain: Chain) -> Iterator[Finding]:
    where = f"archive {anchor.number}"
    path = archive / Path(anchor.name).name
    if not path.is_file():
        yield Finding(where, f"{path.name} is not in the folder")
        return
    read = Reading(path)
    yield from read.findings(chain)
    if not macs.same(read.sha256, anchor.sha256):
        yield Finding(where, f"{path.name} is not the file that was archived")
    elif not macs.same(chain.previous, anchor.last_mac) or read.events != anchor.events:
        yield Finding(where, f"{path.name} does not end where its anchor says")


def _in_database(chain: Chain) -> Iterator[Finding]:
    for seal in AuditSeal.objects.filter(number__gt=chain.after).order_by("number").iterator(ROWS):
        events = list(AuditEvent.objects.filter(link__seal=seal).order_by("id"))
        yield from chain.follow(seal, events)
    for event in AuditEvent.objects.filter(link__isnull=True).order_by("id").iterator(ROWS):
        if not holds_event(event):
            yield Finding(f"event {event.pk} (not sealed yet)", "its MAC does not fit its content")
