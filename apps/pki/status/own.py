"""The status of what our own authorities issued: from our table, never over HTTP."""

from collections.abc import Iterable, Sequence, Set
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import QuerySet

from apps.core.errors import Invalid
from apps.pki.models import Authority, IssuedCertificate
from apps.pki.status.policy import Source
from apps.pki.status.records import CertificateStatus, Question, refuse_revoked, refuse_unknown
from v2g.pki.certificate import Certificate

_BATCH: Final = 500


def split(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Part the questions into those about our own authorities' certificates and the others.

    An authority is known by its key, so a certificate that comes with another certificate of the
    same CA (a cross-signed one, say) is still answered here.
    """
    ours = keys_of_authorities()
    issuers = {question.issuer.fingerprint: question.issuer for question in questions}
    own = {name for name, issuer in issuers.items() if key_of(issuer) in ours}
    return (
        [question for question in questions if question.issuer.fingerprint in own],
        [question for question in questions if question.issuer.fingerprint not in own],
    )


def keys_of_authorities() -> set[bytes]:
    """Return the public keys of our authorities, as `key_of` gives them."""
    return {bytes(der) for der in Authority.objects.values_list("key__public_der", flat=True)}


def check(questions: Iterable[Question]) -> dict[bytes, CertificateStatus]:
    """Answer by certificate SHA-256; Invalid for one that is revoked or was never issued by us."""
    asked = list(questions)
    good = good_among(asked)
    return {question.certificate.fingerprint: settle(question, good) for question in asked}


def good_among(questions: Sequence[Question]) -> set[bytes]:
    """Return the SHA-256 of those certificates that our authorities issued and did not revoke."""
    good: set[bytes] = set()
    for start in range(0, len(questions), _BATCH):
        part = questions[start : start + _BATCH]
        good |= _issued(IssuedCertificate.objects.all(), {q.certificate.fingerprint for q in part})
    return good


def settle(question: Question, good: Set[bytes]) -> CertificateStatus:
    """Accept a certificate of ours, or refuse it (Invalid)."""
    if question.certificate.fingerprint not in good:
        _refuse(question)
    return question.status(Source.OWN)


def require_still_issued(statuses: Sequence[CertificateStatus]) -> None:
    """Look again at one path, see `lost`. Raises Invalid."""
    if lost([statuses]):
        raise revoked_just_now()


def revoked_just_now() -> Invalid:
    """A certificate of ours was revoked between check and store."""
    return Invalid("revoked", "A certificate of this chain was revoked just now.")


def lost(paths: Iterable[Sequence[CertificateStatus]]) -> set[bytes]:
    """Look again, inside the transaction that stores paths, at what our tables answered before.

    Returns the SHA-256 of what is not good any more. The leaves' rows (the first of each path) are
    held until the transaction ends, so a revocation comes either before or after, when it finds
    what was stored. Sub-CAs are looked at without holding them: every path shares them.
    """
    checked = list(paths)
    ours = {s.fingerprint for path in checked for s in path if s.source is Source.OWN}
    if not ours:
        return ours
    leaves = {path[0].fingerprint for path in checked} & ours
    held = IssuedCertificate.objects.select_for_update().order_by("pk")
    good = _issued(held, leaves) if leaves else set()
    good |= _issued(IssuedCertificate.objects.all(), ours - leaves)
    return ours - good


def _issued(rows: QuerySet[IssuedCertificate], fingerprints: Set[bytes]) -> set[bytes]:
    found = rows.filter(fingerprint__in=fingerprints, state=IssuedCertificate.State.ISSUED)
    return {bytes(one) for one in found.values_list("fingerprint", flat=True) if one}


def _refuse(question: Question) -> None:
    known = IssuedCertificate.objects.filter(fingerprint=question.certificate.fingerprint)
    if known.exists():
        refuse_revoked(question)
    refuse_unknown(question, "our authority did not issue it")


def key_of(certificate: Certificate) -> bytes:
    """Return the public key of a certificate (SubjectPublicKeyInfo, DER)."""
    return certificate.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
