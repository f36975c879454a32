"""Making private keys of ours, and signing with them by reference."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.core import transactions
from apps.keys.backends import BACKENDS, BackendKey
from apps.keys.curves import CURVES
from apps.keys.models import StoredKey


def create(*, label: str, curve: str = "secp256r1", backend: str = "vault") -> StoredKey:
    """Make a key pair in a backend and store its row; never inside a transaction.

    The audit event is the caller's: it knows what the key is for. Raises ValueError for a curve
    or backend that does not exist (a defect of ours, never input).
    """
    transactions.forbid("Making a key")
    if curve not in CURVES or backend not in BACKENDS:
        raise ValueError(f"There is no backend {backend} with the curve {curve}")
    stored = StoredKey(label=label[:120], curve=curve, backend=backend)
    BACKENDS[backend].generate(stored)
    stored.save(force_insert=True)
    return stored


def private_key(stored: StoredKey) -> ec.EllipticCurvePrivateKey:
    """Return the private key by reference: sign() goes to the backend, nothing reads it out.

    Raises RuntimeError inside a transaction, as its sign() does.
    """
    transactions.forbid("Opening a key")
    return BackendKey(stored, BACKENDS[stored.backend], public_key(stored))


def public_key(stored: StoredKey) -> ec.EllipticCurvePublicKey:
    """Return the public half; needs no backend and may be used anywhere."""
    public = serialization.load_der_public_key(bytes(stored.public_der))
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError(f"The key {stored.uuid} is not on an elliptic curve")
    return public
