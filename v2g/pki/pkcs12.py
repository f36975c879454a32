"""The certificates of a PKCS#12 (RFC 7292), read without ever opening a private key.

The library call that opens such a file also hashes the password for every key in it, as often as
the file says. So the parts are opened here one by one: the rounds are counted before any is
spent, and a key bag ends the reading. Only PBES2 (RFC 8018) is opened; the older RC2 and triple
DES are refused with what to do about it. The MAC is not checked: it protects nothing that a
certificate's own signature does not. What it asks for is bounded all the same.
"""

from collections.abc import Callable
from typing import Final

from asn1crypto import algos, cms, pkcs12
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from v2g.errors import CertificateError, PasswordError, PrivateKeyError
from v2g.pki.reading import UNREADABLE

MAX_ROUNDS: Final = 100_000
"""Rounds of the password hash, over all parts of one file."""

MAX_PARTS: Final = 16
MAX_PASSWORD: Final = 256

KEY_MESSAGE: Final = (
    "The file holds a private key. We never need it: export the certificates alone."
)

_KEY_LENGTHS: Final = {"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32}
_PRFS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # inside HMAC, as RFC 8018 has it
    "sha256": hashes.SHA256(),
    "sha512": hashes.SHA512(),
}


def free_of_charge(rounds: int) -> None:
    """Let a file spend its rounds: where one file is read, MAX_ROUNDS is the only bound."""


def certificates_of_pkcs12(
    data: bytes, password: str | None, spend: Callable[[int], None] = free_of_charge
) -> list[bytes]:
    """Give the DER of each certificate.

    `spend` is told of the rounds before the first is made and may refuse them: who reads many
    files bounds their sum. CertificateError for over 100,000 rounds and for other encryption than
    PBES2, PrivateKeyError, PasswordError; ValueError or TypeError of the parser for broken files.
    """
    if password is not None and len(password) > MAX_PASSWORD:
        raise PasswordError("the password is over 256 characters long")
    file = pkcs12.Pfx.load(data, strict=True)
    safe = file["auth_safe"]
    if safe["content_type"].native != "data":
        raise CertificateError("the PKCS#12 file is not protected by a password")
    parts = list(pkcs12.AuthenticatedSafe.load(safe["content"].native))
    if len(parts) > MAX_PARTS:
        raise CertificateError("the PKCS#12 file has over 16 parts")
    for part in parts:
        if part["content_type"].native == "data":
            _refuse_keys(part["content"].native)
    rounds = sum(_rounds(part) for part in parts)
    if max(rounds, _rounds_of_mac(file)) > MAX_ROUNDS:
        raise CertificateError("the PKCS#12 file asks for over 100,000 rounds of hashing")
    if rounds and password is None:
        raise PasswordError("the PKCS#12 file needs its password")
    spend(rounds)
    return [der for part in parts for der in _opened(part, password)]


def _rounds(part: cms.ContentInfo) -> int:
    if part["content_type"].native != "encrypted_data":
        return 0
    rounds = int(_kdf(part)["parameters"]["iteration_count"].native)
    if rounds < 1:
        raise CertificateError("the PKCS#12 file has a broken password hash")
    return rounds


def _rounds_of_mac(file: pkcs12.Pfx) -> int:
    mac = file["mac_data"]
    return int(mac["iterations"].native) if isinstance(mac, pkcs12.MacData) else 0


def _kdf(part: cms.ContentInfo) -> algos.KdfAlgorithm:
    algorithm = part["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    if algorithm["algorithm"].native != "pbes2":
        raise CertificateError(
            "the PKCS#12 file uses an outdated encryption: export it with AES, or as PEM"
        )
    kdf = algorithm["parameters"]["key_derivation_func"]
    if kdf["algorithm"].native != "pbkdf2":
        raise CertificateError("the PKCS#12 file uses an unknown password hash")
    return kdf


def _opened(part: cms.ContentInfo, password: str | None) -> list[bytes]:
    """The certificates of a part. Sense is made of it only by the right password."""
    contents = _open(part, password)
    try:
        return _certificates(contents)
    except UNREADABLE as error:
        if part["content_type"].native == "data":
            raise
        raise PasswordError("the password does not open the PKCS#12 file") from error


def _open(part: cms.ContentInfo, password: str | None) -> bytes:
    """The SafeContents of a part, decrypted where it is encrypted."""
    kind = part["content_type"].native
    if kind == "data":
        return bytes(part["content"].native)
    if kind != "encrypted_data":
        raise CertificateError("the PKCS#12 file is not protected by a password")
    if password is None:
        raise PasswordError("the PKCS#12 file needs its password")
    info = part["content"]["encrypted_content_info"]
    scheme = info["content_encryption_algorithm"]["parameters"]["encryption_scheme"]
    key = _key(_kdf(part)["parameters"], scheme["algorithm"].native, password)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(scheme["parameters"].native)).decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        padded = decryptor.update(info["encrypted_content"].native) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise PasswordError("the password does not open the PKCS#12 file") from None


def _key(parameters: algos.Pbkdf2Params, scheme: str, password: str) -> bytes:
    prf = _PRFS.get(parameters["prf"]["algorithm"].native)
    if scheme not in _KEY_LENGTHS or prf is None:
        raise CertificateError("the PKCS#12 file uses an unknown encryption")
    kdf = PBKDF2HMAC(
        algorithm=prf,
        length=_KEY_LENGTHS[scheme],
        salt=parameters["salt"].native,
        iterations=parameters["iteration_count"].native,
    )
    return kdf.derive(password.encode())


def _refuse_keys(contents: bytes) -> None:
    for bag in pkcs12.SafeContents.load(contents):
        if bag["bag_id"].native in {"key_bag", "pkcs8_shrouded_key_bag"}:
            raise PrivateKeyError(KEY_MESSAGE)


def _certificates(contents: bytes) -> list[bytes]:
    _refuse_keys(contents)
    bags = pkcs12.SafeContents.load(contents)
    values = [bag["bag_value"] for bag in bags if bag["bag_id"].native == "cert_bag"]
    return [bytes(value["cert_value"]) for value in values if value["cert_id"].native == "x509"]
