"""Sub-CA certificates, kept once and referenced by everything below them."""

from collections.abc import Collection, Sequence

from apps.pki.models import SubCa
from v2g.pki.certificate import Certificate
from v2g.pki.names import Name

_SUBJECT = 300
_BATCH = 500


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


def named(names: Collection[Name]) -> list[Certificate]:
    """Return the known sub-CAs with these subjects: what a sender need not send again."""
    wanted = {name.der for name in names}
    texts = sorted({_text(name) for name in names})
    found = [
        Certificate.from_der(bytes(der))
        for start in range(0, len(texts), _BATCH)
        for der in SubCa.objects.filter(subject__in=texts[start : start + _BATCH])
        .order_by("pk")
        .values_list("der", flat=True)
    ]
    return [certificate for certificate in found if certificate.subject.der in wanted]


def _text(name: Name) -> str:
    return name.text.replace("\x00", "")[:_SUBJECT]


def _rows(certificates: Sequence[Certificate]) -> dict[bytes, SubCa]:
    found = SubCa.objects.filter(fingerprint__in=[c.fingerprint for c in certificates])
    return {bytes(row.fingerprint): row for row in found}


def _row(certificate: Certificate) -> SubCa:
    return SubCa(
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        subject=_text(certificate.subject),
        serial=certificate.serial_octets,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )
