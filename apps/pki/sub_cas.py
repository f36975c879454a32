"""Sub-CA certificates, kept once and referenced by everything below them."""

from collections.abc import Sequence

from apps.pki.models import SubCa
from v2g.pki.certificate import Certificate

_SUBJECT = 300


def remember(certificates: Sequence[Certificate]) -> list[SubCa]:
    """Return the rows of these sub-CAs, in their order; those not yet known are stored.

    Called inside the transaction of what refers to them; two writers of the same sub-CA end with
    the same row.
    """
    known = _rows(certificates)
    missing = {c.fingerprint: c for c in certificates if c.fingerprint not in known}
    if missing:
        SubCa.objects.bulk_create(map(_row, missing.values()), ignore_conflicts=True)
        known |= _rows(list(missing.values()))
    return [known[c.fingerprint] for c in certificates]


def _rows(certificates: Sequence[Certificate]) -> dict[bytes, SubCa]:
    found = SubCa.objects.filter(fingerprint__in=[c.fingerprint for c in certificates])
    return {bytes(row.fingerprint): row for row in found}


def _row(certificate: Certificate) -> SubCa:
    return SubCa(
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        subject=certificate.subject.text.replace("\x00", "")[:_SUBJECT],
        serial=certificate.serial_octets,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )
