"""What every key backend offers, and the private key object that callers are handed."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from apps.core import transactions
from apps.keys.models import StoredKey


class KeyBackend(ABC):
    """Makes key pairs and signs with them; the private half never leaves it."""

    name: ClassVar[str]

    @abstractmethod
    def generate(self, stored: StoredKey) -> None:
        """Make the key pair of `stored.curve` and fill in the row's key fields; not saved here."""

    @abstractmethod
    def sign(self, stored: StoredKey, digest: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Return the ECDSA signature (DER, RFC 3279) over a digest made with `algorithm`."""


class BackendKey(ec.EllipticCurvePrivateKey):
    """A private key by reference: it signs through its backend and cannot be read out.

    cryptography's builders (certificates, CRLs, OCSP answers) accept it like a key of their own.
    """

    def __init__(
        self, stored: StoredKey, backend: KeyBackend, public: ec.EllipticCurvePublicKey
    ) -> None:
        self._stored = stored
        self._backend = backend
        self._public = public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Sign with ECDSA; DER. Raises RuntimeError inside a transaction."""
        transactions.forbid("Signing")
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, utils.Prehashed):
            # The digest is what travels to a backend, so a caller's own digest goes through as it
            # is; its length tells which hash made it.
            return self._backend.sign(self._stored, bytes(data), _hash_of_size(len(data)))
        digest = hashes.Hash(algorithm)
        digest.update(data)
        return self._backend.sign(self._stored, digest.finalize(), algorithm)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.curve.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        """Refused: keys of a backend sign, they agree on nothing."""
        raise TypeError("A key of a backend does not take part in key agreement")

    def private_numbers(self) -> NoReturn:
        """Refused: the key stays in its backend."""
        raise TypeError("The private key cannot be read")

    def private_bytes(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused: the key stays in its backend."""
        raise TypeError("The private key cannot be read")

    def __copy__(self) -> "BackendKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "BackendKey":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key is not pickled")

    def __repr__(self) -> str:
        return f"<BackendKey {self._stored.uuid}>"


def _hash_of_size(size: int) -> hashes.HashAlgorithm:
    known: tuple[hashes.HashAlgorithm, ...] = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
    for algorithm in known:
        if algorithm.digest_size == size:
            return algorithm
    raise ValueError("A digest of SHA-256, SHA-384 or SHA-512 is needed")
