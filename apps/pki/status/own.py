"""The status of what our own authorities issued: from our table, never over HTTP."""

from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apps.core.errors import Invalid
from apps.pki.models import Authority, IssuedCertificate
from apps.pki.status.policy import Source
from apps.pki.status.records import CertificateStatus, Question, refuse_revoked, refuse_unknown
from v2g.pki.certificate import Certificate


def split(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Part the questions into those about our own authorities' certificates and the others.

    An authority is known by its key, so a certificate that comes with another certificate of the
    same CA (a cross-signed one, say) is still answered here.
    """
    ours = keys_of_authorities()
    own = [question for question in questions if key_of(question.issuer) in ours]
    return own, [question for question in questions if question not in own]


def keys_of_authorities() -> set[bytes]:
    """Return the public keys of our authorities, as `key_of` gives them."""
    return {bytes(der) for der in Authority.objects.values_list("key__public_der", flat=True)}


def check(questions: Iterable[Question]) -> dict[bytes, CertificateStatus]:
    """Answer by certificate SHA-256; Invalid for one that is revoked or was never issued by us."""
    asked = list(questions)
    fingerprints = [question.certificate.fingerprint for question in asked]
    issued = set(
        IssuedCertificate.objects.filter(
            fingerprint__in=fingerprints, state=IssuedCertificate.State.ISSUED
        ).values_list("fingerprint", flat=True)
    )
    good = {bytes(fingerprint) for fingerprint in issued if fingerprint}
    for question in asked:
        if question.certificate.fingerprint not in good:
            _refuse(question)
    return {q.certificate.fingerprint: q.status(Source.OWN) for q in asked}


def require_still_issued(statuses: Sequence[CertificateStatus]) -> None:
    """Look again, inside the transaction that stores a path, at what our tables answered before.

    The leaf's row (the first) is held until the transaction ends, so a revocation comes either
    before (Invalid) or after, when it finds what was stored. Sub-CAs are looked at without
    holding them: every path shares them.
    """
    ours = [status.fingerprint for status in statuses if status.source is Source.OWN]
    issued = IssuedCertificate.objects.filter(state=IssuedCertificate.State.ISSUED)
    leaf = statuses[0].fingerprint
    held = issued.select_for_update().filter(fingerprint=leaf) if leaf in ours else issued.none()
    found = len(held) + issued.filter(fingerprint__in=[own for own in ours if own != leaf]).count()
    if found != len(ours):
        raise Invalid("revoked", "A certificate of this chain was revoked just now.")


def _refuse(question: Question) -> None:
    known = IssuedCertificate.objects.filter(fingerprint=question.certificate.fingerprint)
    if known.exists():
        refuse_revoked(question)
    refuse_unknown(question, "our authority did not issue it")


def key_of(certificate: Certificate) -> bytes:
    """Return the public key of a certificate (SubjectPublicKeyInfo, DER)."""
    return certificate.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
