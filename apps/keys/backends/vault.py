"""The vault backend: private keys rest in the database, sealed with a key that is not in it."""

import threading
import uuid
from collections import OrderedDict
from typing import ClassVar, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from apps.core import transactions
from apps.keys import vault
from apps.keys.backends.base import KeyBackend
from apps.keys.curves import CURVES, public_der
from apps.keys.models import StoredKey

OPENED_AT_MOST: Final = 64
TABLE: Final = "keys_storedkey"


class VaultBackend(KeyBackend):
    """Seals PKCS#8 DER; opens it again in this process to sign.

    A CA signs hundreds of times a second with one of a few keys. Parsing and checking PKCS#8 costs
    more than the signature itself, so the last few opened keys stay in the memory of the process,
    which holds the vault key anyway. They are bound to the sealed bytes: a row that was changed is
    opened, and thus checked, anew.
    """

    name: ClassVar[str] = "vault"

    def __init__(self) -> None:
        self._opened: OrderedDict[tuple[uuid.UUID, bytes], ec.EllipticCurvePrivateKey] = (
            OrderedDict()
        )
        self._lock = threading.Lock()

    def generate(self, stored: StoredKey) -> None:
        transactions.forbid("Making a key")
        key = ec.generate_private_key(CURVES[stored.curve])
        plain = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        stored.public_der = public_der(key.public_key())
        stored.key_version, stored.sealed = vault.seal(plain, table=TABLE, row=stored.uuid)

    def sign(self, stored: StoredKey, digest: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        transactions.forbid("Signing")
        return self._open(stored).sign(digest, ec.ECDSA(utils.Prehashed(algorithm)))

    def _open(self, stored: StoredKey) -> ec.EllipticCurvePrivateKey:
        sealed = bytes(stored.sealed or b"")
        name = (stored.uuid, sealed)
        with self._lock:
            found = self._opened.get(name)
            if found is not None:
                self._opened.move_to_end(name)
                return found
        plain = vault.open_(sealed, table=TABLE, row=stored.uuid, version=stored.key_version)
        key = serialization.load_der_private_key(plain, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or public_der(key.public_key()) != bytes(
            stored.public_der
        ):
            raise vault.Unopenable(f"The key {stored.uuid} is not the one its row names")
        with self._lock:
            self._opened[name] = key
            while len(self._opened) > OPENED_AT_MOST:
                self._opened.popitem(last=False)
        return key
