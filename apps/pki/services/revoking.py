"""Revocation that a party asks for: its own certificates, or any for the operator who issues."""

from collections.abc import Sequence
from typing import Final

from apps.core.actor import Actor
from apps.core.errors import Invalid, NotFound
from apps.participants.rights import Operation, require, require_role
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.pki.services.revocation import revoke

MAX_AT_ONCE: Final = 500


def revoke_by_fingerprint(
    *, actor: Actor, fingerprints: Sequence[bytes], reason: RevocationReason
) -> list[IssuedCertificate]:
    """Revoke certificates that our authorities issued, all of them or none; return what changed.

    Open to the organisation a certificate was issued to, and to the operator, whose the
    authorities are. Those of our CAs, CPS signers and responders belong to the operator alone.
    What is revoked already stays as it is. At most 500 at once. Raises Forbidden, NotFound where
    we issued no such certificate, Invalid for cACompromise of what is no CA (RFC 5280 5.3.1).
    """
    require_role(actor, Operation.CERTIFICATES_REVOKE)
    if len(fingerprints) > MAX_AT_ONCE:
        raise Invalid("batch_too_large", f"At most {MAX_AT_ONCE} certificates are revoked at once.")
    rows = list(IssuedCertificate.objects.filter(fingerprint__in=fingerprints).order_by("pk"))
    if len(rows) < len(set(fingerprints)):
        raise NotFound("certificate_unknown", "No authority of ours issued this certificate.")
    for row in rows:
        require(actor, Operation.CERTIFICATES_REVOKE, organization_id=row.owner_id)
    if reason == RevocationReason.CA_COMPROMISE:
        _require_authorities(fingerprints)
    return revoke(actor=actor, certificates=rows, reason=reason)


def _require_authorities(fingerprints: Sequence[bytes]) -> None:
    known = Authority.objects.filter(fingerprint__in=fingerprints).count()
    if known < len(set(fingerprints)):
        raise Invalid("reason", "cACompromise is for the certificates of authorities.")
