"""The contract private key, encrypted for the provisioning key of a vehicle, and opened again.

ISO 15118-2 [V2G2-815, 817, 818, 823]: an ephemeral ECDH on P-256, the concatenation KDF with
SHA-256 over the other information 01 55 56, AES-128 in CBC mode without padding. 32 octets of
private key become 48: IV, then ciphertext. The cipher gives no integrity of its own: an opened
key counts only after `require_fit` with the contract certificate.
"""

import os
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from v2g.errors import EnvelopeError

KEY_SIZE: Final = 32
IV_SIZE: Final = 16
ENCRYPTED_KEY_SIZE: Final = IV_SIZE + KEY_SIZE
DH_PUBLIC_KEY_SIZE: Final = 65

# AlgorithmID 01, PartyUInfo "U", PartyVInfo "V" [V2G2-818].
_OTHER_INFO: Final = b"\x01UV"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """ContractSignatureEncryptedPrivateKey (48 octets), DHpublickey (65, 04 || X || Y)."""

    encrypted_private_key: bytes
    dh_public_key: bytes

    def __post_init__(self) -> None:
        if len(self.encrypted_private_key) != ENCRYPTED_KEY_SIZE:
            raise EnvelopeError("encrypted private key: 48 octets are needed")
        if len(self.dh_public_key) != DH_PUBLIC_KEY_SIZE or self.dh_public_key[0] != 4:
            raise EnvelopeError("DH public key: 65 octets of an uncompressed point are needed")


def seal(
    contract_key: ec.EllipticCurvePrivateKey,
    vehicle_public_key: ec.EllipticCurvePublicKey,
    *,
    ephemeral_key: ec.EllipticCurvePrivateKey | None = None,
    iv: bytes | None = None,
) -> SealedKey:
    """Encrypt the contract key for the holder of the provisioning key.

    `ephemeral_key` and `iv` (16 octets) are for one use; without them fresh ones are drawn.
    EnvelopeError where a key is not on P-256.
    """
    _require_p256(contract_key.curve, "contract key")
    _require_p256(vehicle_public_key.curve, "vehicle key")
    ephemeral = ephemeral_key or ec.generate_private_key(ec.SECP256R1())
    _require_p256(ephemeral.curve, "ephemeral key")
    vector = os.urandom(IV_SIZE) if iv is None else iv
    if len(vector) != IV_SIZE:
        raise EnvelopeError("initialisation vector: 16 octets are needed")
    secret = contract_key.private_numbers().private_value.to_bytes(KEY_SIZE, "big")
    encryptor = _cipher(ephemeral.exchange(ec.ECDH(), vehicle_public_key), vector).encryptor()
    return SealedKey(
        vector + encryptor.update(secret) + encryptor.finalize(),
        ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    )


def open_(sealed: SealedKey, vehicle_key: ec.EllipticCurvePrivateKey) -> ec.EllipticCurvePrivateKey:
    """Decrypt the contract key with the vehicle's provisioning key.

    EnvelopeError for a point off the curve, a key off P-256 and a result that is no private key.
    A wrong vehicle key mostly gives some other key: ask `require_fit`.
    """
    _require_p256(vehicle_key.curve, "vehicle key")
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.dh_public_key)
    except ValueError as error:
        raise EnvelopeError("DH public key: the point is not on P-256") from error
    vector, ciphertext = sealed.encrypted_private_key[:16], sealed.encrypted_private_key[16:]
    decryptor = _cipher(vehicle_key.exchange(ec.ECDH(), point), vector).decryptor()
    value = int.from_bytes(decryptor.update(ciphertext) + decryptor.finalize(), "big")
    try:
        return ec.derive_private_key(value, ec.SECP256R1())
    except ValueError:
        # The cause is dropped: its text could tell of the value.
        raise EnvelopeError("the opened value is no private key of P-256") from None


def proves(contract_key: ec.EllipticCurvePrivateKey, public_key: ec.EllipticCurvePublicKey) -> bool:
    """Tell whether the private key belongs to the public key of the contract certificate."""
    own = contract_key.public_key()
    return own.curve.name == public_key.curve.name and (
        own.public_numbers() == public_key.public_numbers()
    )


def require_fit(
    contract_key: ec.EllipticCurvePrivateKey, public_key: ec.EllipticCurvePublicKey
) -> None:
    """Refuse, with EnvelopeError, a contract key that is not the contract certificate's."""
    if not proves(contract_key, public_key):
        raise EnvelopeError("the private key does not belong to the contract certificate")


def _cipher(shared_secret: bytes, iv: bytes) -> Cipher[modes.CBC]:
    kdf = ConcatKDFHash(algorithm=hashes.SHA256(), length=16, otherinfo=_OTHER_INFO)
    return Cipher(algorithms.AES128(kdf.derive(shared_secret)), modes.CBC(iv))


def _require_p256(curve: ec.EllipticCurve, name: str) -> None:
    if curve.name != "secp256r1":
        raise EnvelopeError(f"{name}: a key on P-256 is needed")
