"""The sealer: chains what was committed since the last seal, without a lock on the writers."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from structlog import get_logger

from apps.audit import macs
from apps.audit.models import AuditEvent, AuditSeal, SealedEvent

log = get_logger(__name__)

BATCH = 2000
LATE = timedelta(minutes=5)
"""How long a transaction may stay open and its events still be found by the next quick seal."""


def seal_new(*, everything: bool = False) -> int:
    """Seal the committed events that no seal covers yet; return how many.

    Looks from LATE before the point that the last seal reached, because a transaction that began
    earlier may commit later; with `everything`, from the beginning of time (hourly). Of two
    sealers at once one wins each batch, the other stops and leaves the rest to the winner.
    """
    sealed = 0
    while True:
        try:
            with transaction.atomic():
                count = _seal_batch(everything=everything)
        except IntegrityError:
            return sealed
        sealed += count
        if count < BATCH:
            return sealed


def _seal_batch(*, everything: bool) -> int:
    last = AuditSeal.objects.order_by("-number").first()
    waiting = AuditEvent.objects.filter(link__isnull=True)
    if last and not everything:
        waiting = waiting.filter(at__gte=last.reaches - LATE)
    # Oldest first where a backlog is longer than a batch: what is left is then never older than
    # what `reaches` says was seen.
    found = list(waiting.order_by("at", "id").values_list("id", "mac", "at")[:BATCH])
    if not found:
        return 0
    ordered = sorted((row, bytes(mac)) for row, mac, _ in found)
    seal = _insert_seal(last, ordered, max(at for *_, at in found))
    SealedEvent.objects.bulk_create([SealedEvent(event_id=row, seal=seal) for row, _ in ordered])
    return len(ordered)


def _insert_seal(
    last: AuditSeal | None, ordered: list[tuple[int, bytes]], newest: datetime
) -> AuditSeal:
    now = timezone.now()
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        at=now,
        # Never in the future (a clock that ran ahead) and never backwards (late events).
        reaches=max(min(newest, now), last.reaches) if last else min(newest, now),
        events=len(ordered),
        digest=macs.digest_of(ordered),
        key_version=macs.current_version(),
    )
    seal.mac = macs.of_seal(seal, bytes(last.mac) if last else b"")
    seal.save()
    # The log leaves the machine: a seal that is cut off the end of the chain is missed there.
    log.info("audit_sealed", number=seal.number, events=seal.events, mac=seal.mac.hex())
    return seal
