"""One certificate as a value: its octets and all that ISO 15118 asks of them.

The reader is strict (DER) but for two faults of encoding that leaf certificates of the field
have; see `repair`. Key identifiers are read, never computed: identifiers of eight octets exist,
so no hash can be assumed.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448

from v2g.errors import CertificateError
from v2g.pki.extensions import Extensions, read_extensions
from v2g.pki.names import Name
from v2g.pki.reading import UNREADABLE
from v2g.pki.repair import repair

MAX_SIZE: Final = 8192
"""Octets of a certificate that is read at all; ISO 15118-2 allows 800 [V2G2-010]."""

MAX_SERIAL: Final = 1 << 160
"""Serial numbers are positive and have up to 20 octets (RFC 5280 4.1.2.2)."""

ED448: Final = "ed448"

PublicKey = ec.EllipticCurvePublicKey | ed448.Ed448PublicKey


@dataclass(frozen=True)
class Certificate:
    """An X.509 certificate. Equal when its octets are; times are aware and in UTC.

    `fingerprint` is the SHA-256 of the octets. `curve` is named secp256r1, secp384r1, secp521r1
    or ed448. `encoding_fault` tells what is not DER in it: such a certificate may be a leaf,
    never a signer.
    """

    der: bytes = field(repr=False)
    fingerprint: bytes = field(compare=False, repr=False)
    serial: int = field(compare=False)
    issuer: Name = field(compare=False, repr=False)
    subject: Name = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    public_key: PublicKey = field(compare=False, repr=False)
    curve: str = field(compare=False)
    tbs: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)
    signature_hash: str = field(compare=False)
    extensions: Extensions = field(compare=False, repr=False)
    encoding_fault: str = field(default="", compare=False)

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        """Read one certificate; CertificateError where it cannot be read or has no elliptic key."""
        if len(der) > MAX_SIZE:
            raise CertificateError("the certificate is over 8,192 octets long")
        try:
            parsed = x509.load_der_x509_certificate(der)
            return cls._from_x509(der, parsed, parsed.tbs_certificate_bytes)
        except UNREADABLE:
            repaired = repair(der)
        try:
            parsed = x509.load_der_x509_certificate(repaired.der)
            return cls._from_x509(der, parsed, repaired.original_tbs, repaired.fault)
        except UNREADABLE as error:
            raise CertificateError("the certificate cannot be read") from error

    @classmethod
    def _from_x509(cls, der: bytes, parsed: x509.Certificate, tbs: bytes, fault: str = "") -> Self:
        if not 0 < parsed.serial_number < MAX_SERIAL:
            raise CertificateError("the serial number is not a positive one of up to 20 octets")
        public_key = parsed.public_key()
        algorithm = parsed.signature_hash_algorithm
        return cls(
            der=der,
            fingerprint=hashlib.sha256(der).digest(),
            serial=parsed.serial_number,
            issuer=Name.from_x509(parsed.issuer),
            subject=Name.from_x509(parsed.subject),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            public_key=_elliptic(public_key),
            curve=curve_name(public_key),
            tbs=tbs,
            signature=parsed.signature,
            signature_hash=algorithm.name if algorithm else "",
            extensions=read_extensions(parsed),
            encoding_fault=fault,
        )

    @property
    def common_name(self) -> str:
        """The only CN of the subject; empty where there is none or more than one."""
        names = self.subject.values("CN")
        return names[0] if len(names) == 1 else ""

    @property
    def domain_components(self) -> tuple[str, ...]:
        """The DC parts of the subject: V2G, CPO, CPS, MO or OEM."""
        return self.subject.values("DC")

    @property
    def serial_octets(self) -> bytes:
        """The serial number without leading zeros; with the issuer it is unique."""
        return self.serial.to_bytes(max(1, (self.serial.bit_length() + 7) // 8), "big")

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name, as on a root."""
        return self.subject.der == self.issuer.der

    def is_signed_by(self, public_key: PublicKey) -> bool:
        """Tell whether the signature over this certificate verifies with the key."""
        return verifies(public_key, self.signature, self.tbs, self.signature_hash)

    def is_valid_at(self, at: datetime) -> bool:
        """Tell whether the instant (aware) lies within the validity, both ends included."""
        return self.not_before <= at <= self.not_after


def verifies(public_key: PublicKey, signature: bytes, data: bytes, hash_name: str) -> bool:
    """Verify an ECDSA (SHA-256, SHA-384, SHA-512) or Ed448 signature; other hashes never verify."""
    try:
        if isinstance(public_key, ed448.Ed448PublicKey):
            public_key.verify(signature, data)
            return hash_name == ""
        if hash_name not in _HASHES:
            return False
        public_key.verify(signature, data, _HASHES[hash_name])
    except InvalidSignature:
        return False
    return True


_HASHES: Final = {
    "sha256": ec.ECDSA(hashes.SHA256()),
    "sha384": ec.ECDSA(hashes.SHA384()),
    "sha512": ec.ECDSA(hashes.SHA512()),
}


def curve_name(public_key: object) -> str:
    """Name the curve of a key as `Certificate.curve` does; CertificateError for other keys."""
    if isinstance(public_key, ed448.Ed448PublicKey):
        return ED448
    name = public_key.curve.name if isinstance(public_key, ec.EllipticCurvePublicKey) else ""
    if name not in {"secp256r1", "secp384r1", "secp521r1"}:
        raise CertificateError("the certificate has no key on a curve of ISO 15118")
    return name


def _elliptic(public_key: object) -> PublicKey:
    if isinstance(public_key, ec.EllipticCurvePublicKey | ed448.Ed448PublicKey):
        return public_key
    raise CertificateError("the certificate has no key on a curve of ISO 15118")
