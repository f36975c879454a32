"""Which foreign certificates stored answers call revoked for good: what cleansing goes by.

It begins at the revocations, so it costs what they are and not what the pools hold. A hold
(RFC 5280 5.3.1) may be taken back: reads refuse what is on hold, but it leaves no pool.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from django.db.models import QuerySet

from apps.pki.models import ForeignCrl, ForeignRevocation, OcspAnswer, StatusIssuer, SubCa
from apps.pki.status import answers
from apps.pki.status.answers import Key
from v2g.pki.certificate import Certificate
from v2g.pki.status import Status

HOLD: Final = "certificateHold"
BATCH: Final = 500


def revoked_for_good() -> Iterator[list[Key]]:
    """Return issuer's SHA-256 and serial number of each, in batches."""
    issuers = dict(ForeignCrl.objects.values_list("pk", "issuer_fingerprint"))
    for rows in _batches(_listed().values_list("pk", "crl_id", "serial")):
        yield [(bytes(issuers[crl]), bytes(serial)) for _, crl, serial in rows if crl in issuers]
    for rows in _batches(_answered().values_list("pk", "issuer_fingerprint", "serial")):
        yield [(bytes(issuer), bytes(serial)) for _, issuer, serial in rows]


def revoked_among(keys: Sequence[Key]) -> set[Key]:
    """Return those of the keys whose certificate was revoked for good."""
    found: set[Key] = set()
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        listed = _listed().filter(answers.named(part, issuer="crl__issuer_fingerprint"))
        answered = _answered().filter(answers.named(part))
        rows = chain(
            listed.values_list("crl__issuer_fingerprint", "serial"),
            answered.values_list("issuer_fingerprint", "serial"),
        )
        found |= {(bytes(issuer), bytes(serial)) for issuer, serial in rows}
    return found


def revoked_sub_cas(sub_cas: Sequence[SubCa]) -> set[int]:
    """Return the keys of those foreign sub-CAs that were revoked for good.

    Which issuer an answer speaks of is told by the signature, not by the name.
    """
    issuers = _issuers_by_name()
    asked: dict[Key, int] = {}
    for sub_ca in sub_cas:
        certificate = Certificate.from_der(bytes(sub_ca.der))
        for issuer in issuers[certificate.issuer.der]:
            if certificate.is_signed_by(issuer.public_key):
                asked[issuer.fingerprint, certificate.serial_octets] = sub_ca.pk
    return {asked[key] for key in revoked_among(list(asked))}


def _listed() -> QuerySet[ForeignRevocation]:
    return ForeignRevocation.objects.exclude(reason=HOLD)


def _answered() -> QuerySet[OcspAnswer]:
    return OcspAnswer.objects.filter(status=Status.REVOKED.value).exclude(reason=HOLD)


def _issuers_by_name() -> dict[bytes, list[Certificate]]:
    found: dict[bytes, list[Certificate]] = defaultdict(list)
    for der in StatusIssuer.objects.values_list("der", flat=True):
        issuer = Certificate.from_der(bytes(der))
        found[issuer.subject.der].append(issuer)
    return found


def _batches(rows: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Read rows by their keys, which stand first."""
    ordered, last = rows.order_by("pk"), 0
    while batch := list(ordered.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1][0]
