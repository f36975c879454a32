"""Making private keys of ours, and signing with them by reference."""

import os
from functools import cache
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.db.models import Max

from apps.core import transactions
from apps.keys import vault
from apps.keys.backends import BACKENDS, BackendKey
from apps.keys.backends.vault import TABLE, VaultBackend
from apps.keys.curves import CURVES, public_der
from apps.keys.models import StoredKey

OFFLINE: Final = "offline"
"""No backend: the private key is kept where no machine of ours reaches it."""


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


def remember_public(public: ec.EllipticCurvePublicKey, *, label: str, curve: str) -> StoredKey:
    """Store the public half of a key that is kept elsewhere; nothing here signs with it."""
    der = public_der(public)
    return StoredKey.objects.create(label=label[:120], curve=curve, backend=OFFLINE, public_der=der)


def find(public: ec.EllipticCurvePublicKey) -> StoredKey | None:
    """Return the key of ours with this public half, where a backend has the private one."""
    return StoredKey.objects.filter(public_der=public_der(public), backend__in=BACKENDS).first()


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


def test_vault() -> None:
    """Sign with a key of the vault and verify; open the newest key that each vault key sealed.

    The signing key is this process's own and stored nowhere: what a CA signs with is never used
    for anything else. Raises Unopenable or InvalidSignature.
    """
    message = b"Plugpool tests its signer: " + os.urandom(16)
    private = private_key(_test_key())
    private.public_key().verify(
        private.sign(message, ec.ECDSA(SHA256())), message, ec.ECDSA(SHA256())
    )
    ours = StoredKey.objects.filter(backend=VaultBackend.name, sealed__isnull=False)
    newest = ours.values("key_version").annotate(newest=Max("pk")).values("newest")
    for stored in ours.filter(pk__in=newest):
        vault.open_(
            bytes(stored.sealed or b""), table=TABLE, row=stored.uuid, version=stored.key_version
        )


@cache
def _test_key() -> StoredKey:
    stored = StoredKey(label="self-test", curve="secp256r1", backend=VaultBackend.name)
    BACKENDS[stored.backend].generate(stored)
    return stored
