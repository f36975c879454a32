"""Stored answers of foreign CRLs and OCSP responders: read for many certificates at once, replaced.

An answer is only ever replaced by a newer one, so a replayed old one changes nothing.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.core import locks
from apps.pki.models import ForeignCrl, ForeignRevocation, OcspAnswer, StatusIssuer
from apps.pki.status.policy import Source
from apps.pki.status.records import Answer
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl, Revoked
from v2g.pki.status import Status, StatusAnswer

_BATCH = 500
BEFORE_END: Final = timedelta(hours=1)
"""How long before its nextUpdate an answer is fetched again."""
SOONEST: Final = timedelta(minutes=10)
"""How long a service is left alone after an answer or a failure."""
SPREAD: Final = 0.25
"""The part of the time until an answer is due over which those of many certificates are spread."""

Key = tuple[bytes, bytes]


def load(keys: Collection[Key]) -> dict[Key, dict[Source, Answer]]:
    """Return what is stored about each certificate, by its key; three queries for any number.

    A key is the issuer's SHA-256 and the serial number.
    """
    issuers = {issuer for issuer, _ in keys}
    known: dict[Key, dict[Source, Answer]] = {key: {} for key in keys}
    crls = {bytes(row.issuer_fingerprint): row for row in _crls(issuers)}
    revoked = _revoked(known)
    for key, answers in known.items():
        crl = crls.get(key[0])
        if crl:
            answers[Source.CRL] = Answer(
                Source.CRL, key not in revoked, crl.this_update, crl.next_update, crl.fetched_at
            )
    for row in OcspAnswer.objects.filter(named(known)):
        key = bytes(row.issuer_fingerprint), bytes(row.serial)
        known[key][Source.OCSP] = Answer(
            Source.OCSP,
            row.status == Status.GOOD.value,
            row.this_update,
            row.next_update,
            row.fetched_at,
        )
    return known


def keep_crl(issuer: Certificate, crl: Crl, *, url: str, at: datetime) -> bool:
    """Store a full CRL in place of an older one of its issuer; False where a newer one is known."""
    revoked = {_octets(entry.serial): entry for entry in crl.entries()}
    with transaction.atomic():
        _remember(issuer)
        locks.hold(f"crl:{issuer.fingerprint.hex()}")
        row = ForeignCrl.objects.filter(issuer_fingerprint=issuer.fingerprint).first()
        if row is not None and crl.this_update < row.this_update:
            return False
        if row is None:
            row = ForeignCrl(issuer_fingerprint=issuer.fingerprint)
        row.url, row.fetched_at = url, at
        row.next_try_at = _due_at(at, crl.next_update)
        row.number = None if crl.number is None else _octets(crl.number)
        row.this_update, row.next_update = crl.this_update, crl.next_update
        row.save()
        _replace_revocations(row, revoked)
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    """Which certificate a source was asked about, and how to ask it again."""

    issuer: Certificate
    serial: bytes
    not_after: datetime | None
    url: str
    scope: OcspAnswer.Scope = OcspAnswer.Scope.ONE


def keep_single(asked: Asked, found: StatusAnswer, *, at: datetime) -> bool:
    """Store what OCSP (or a partial CRL) says of one certificate; False where newer is known."""
    name = {"issuer_fingerprint": asked.issuer.fingerprint, "serial": asked.serial}
    fields = {
        "status": found.status.value,
        "this_update": found.this_update,
        "next_update": found.next_update,
        "revoked_at": found.revoked_at,
        "reason": found.reason[:30],
        "fetched_at": at,
        "url": asked.url,
        "scope": asked.scope,
        "not_after": asked.not_after,
        "next_try_at": None if _is_final(found) else _spread(asked, found, at),
    }
    with transaction.atomic():
        _remember(asked.issuer)
        OcspAnswer.objects.bulk_create([OcspAnswer(**name, **fields)], ignore_conflicts=True)
        written = OcspAnswer.objects.filter(**name, this_update__lte=found.this_update).update(
            **fields
        )
    return written == 1


def _due_at(at: datetime, next_update: datetime | None) -> datetime:
    """When an answer that was fetched at the instant is fetched again."""
    due = at + timedelta(hours=settings.STATUS_REFRESH_HOURS)
    if next_update is not None:
        due = min(due, next_update - BEFORE_END)
    return max(due, at + SOONEST)


def _spread(asked: Asked, found: StatusAnswer, at: datetime) -> datetime:
    """When one certificate is asked about again: up to a quarter earlier, by its serial number.

    What was published together must not all be due together.
    """
    due = _due_at(at, found.next_update)
    digest = hashlib.sha256(asked.issuer.fingerprint + asked.serial).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return max(due - (due - at) * SPREAD * share, at + SOONEST)


def _is_final(found: StatusAnswer) -> bool:
    """Only a hold is ever taken back (RFC 5280 5.3.1)."""
    return found.status is Status.REVOKED and found.reason != "certificateHold"


def _remember(issuer: Certificate) -> None:
    if not StatusIssuer.objects.filter(fingerprint=issuer.fingerprint).exists():
        row = StatusIssuer(
            fingerprint=issuer.fingerprint, der=issuer.der, not_after=issuer.not_after
        )
        StatusIssuer.objects.bulk_create([row], ignore_conflicts=True)


def _crls(issuers: Collection[bytes]) -> Iterable[ForeignCrl]:
    return ForeignCrl.objects.filter(issuer_fingerprint__in=issuers)


def _revoked(keys: Iterable[Key]) -> set[Key]:
    wanted = named(keys, issuer="crl__issuer_fingerprint")
    found = ForeignRevocation.objects.filter(wanted)
    rows = found.values_list("crl__issuer_fingerprint", "serial")
    return {(bytes(issuer), bytes(serial)) for issuer, serial in rows}


def named(keys: Iterable[Key], *, issuer: str = "issuer_fingerprint") -> Q:
    """Name the rows about these certificates."""
    serials: dict[bytes, list[bytes]] = {}
    for fingerprint, serial in keys:
        serials.setdefault(fingerprint, []).append(serial)
    wanted = Q(pk__in=[])
    for fingerprint, below in serials.items():
        wanted |= Q(**{issuer: fingerprint, "serial__in": below})
    return wanted


def _replace_revocations(row: ForeignCrl, revoked: Mapping[bytes, Revoked]) -> None:
    """Write only the difference: a CRL may name hundreds of thousands, few of them new."""
    present = {
        bytes(serial): pk for serial, pk in row.revocations.values_list("serial", "pk").iterator()
    }
    gone = [pk for serial, pk in present.items() if serial not in revoked]
    for start in range(0, len(gone), _BATCH):
        ForeignRevocation.objects.filter(pk__in=gone[start : start + _BATCH]).delete()
    ForeignRevocation.objects.bulk_create(
        [
            ForeignRevocation(
                crl=row, serial=serial, revoked_at=entry.revoked_at, reason=entry.reason[:30]
            )
            for serial, entry in revoked.items()
            if serial not in present
        ],
        batch_size=_BATCH,
    )


def _octets(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
