"""Keys that were revoked as compromised: remembered, and never certified again.

CA/Browser Forum Baseline Requirements 6.1.1.3: a CA rejects a request for a key that it was told is
compromised. Reasons keyCompromise and cACompromise of RFC 5280 5.3.1.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apps.core import locks
from apps.core.errors import Forbidden
from apps.pki.models import CompromisedKey, IssuedCertificate, RevocationReason

REASONS: Final = frozenset({RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE})
LOCK: Final = "compromised keys"
"""Held by who revokes for one of REASONS, shared by who stores what was signed: so either the
one sees the key, or the other sees the certificate."""

PublicKey = ec.EllipticCurvePublicKey | ed448.Ed448PublicKey


def key_hash(key: PublicKey) -> bytes:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo: 32 octets."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()


def require_uncompromised(keys: Iterable[PublicKey]) -> None:
    """Raise Forbidden (`compromised_key`) where one of the keys was revoked as compromised.

    Whoever had the certificate, whatever it was for: a known key proves nothing to anybody.
    """
    hashes = {key_hash(key) for key in keys}
    if CompromisedKey.objects.filter(key_hash__in=hashes).exists():
        raise Forbidden("compromised_key", "This key was revoked as compromised. Use a new key.")


def require_still_uncompromised(keys: Iterable[PublicKey]) -> None:
    """Ask again in the transaction that stores certificates, and keep revocations out until then.

    Raises as `require_uncompromised`.
    """
    locks.hold_all((), shared=(LOCK,))
    require_uncompromised(keys)


def remember(rows: Iterable[IssuedCertificate], *, at: datetime) -> None:
    """Note the keys of certificates that are revoked for one of REASONS, in that transaction."""
    hashes = {key_hash(row.certificate.public_key) for row in rows}
    CompromisedKey.objects.bulk_create(
        [CompromisedKey(key_hash=one, revoked_at=at) for one in sorted(hashes)],
        ignore_conflicts=True,
    )
