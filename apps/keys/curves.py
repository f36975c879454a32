"""The curves of ISO 15118: secp256r1 for -2 [V2G2-007], secp521r1 for -20 [V2G20-2674]."""

from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.keys.models import StoredKey

CURVES: Final[dict[str, ec.EllipticCurve]] = {
    StoredKey.Curve.P256.value: ec.SECP256R1(),
    StoredKey.Curve.P521.value: ec.SECP521R1(),
}


def public_der(public: ec.EllipticCurvePublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a public key, DER."""
    return public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
