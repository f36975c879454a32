"""Certificate signing requests (RFC 2986) as EST clients send them: PEM, DER, base64.

Only the public key and the common name are taken from a request; all else comes from the profile.
"""

from dataclasses import dataclass, field
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from v2g.errors import CertificateError, PasswordError, PrivateKeyError
from v2g.pki.bundle import PRIVATE_KEY_MESSAGE, Password, decode_base64, find_certificates
from v2g.pki.certificate import curve_name
from v2g.pki.reading import UNREADABLE

MAX_SIZE: Final = 16 * 1024
"""Octets of a request that is read at all, in any form."""


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What counts of a request whose sender proved to hold the key."""

    common_name: str
    curve: str
    public_key: ec.EllipticCurvePublicKey = field(repr=False)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read a request and verify its signature, the proof of possession.

        CertificateError for other forms, over 16 KB, a bad signature, a key that is not elliptic,
        and other than one common name.
        """
        if len(data) > MAX_SIZE:
            raise CertificateError("the signing request is over 16 KB")
        if b"PRIVATE KEY-----" in data:
            raise PrivateKeyError(PRIVATE_KEY_MESSAGE)
        try:
            return cls._from_parsed(_load(data))
        except UNREADABLE as error:
            raise _mistaken(data) from error

    @classmethod
    def _from_parsed(cls, parsed: x509.CertificateSigningRequest) -> Self:
        public_key = parsed.public_key()
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise CertificateError("the signing request has no key on a curve of ISO 15118")
        if not parsed.is_signature_valid:
            raise CertificateError("the signing request is not signed with its own key")
        names = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if len(names) != 1 or not isinstance(names[0].value, str):
            raise CertificateError("the signing request must name exactly one common name")
        return cls(names[0].value, curve_name(public_key), public_key)


def _mistaken(data: bytes) -> CertificateError:
    """Say what was sent instead of a request: a key is refused, a certificate is named."""
    try:
        find_certificates(data, Password())
    except (PrivateKeyError, PasswordError) as error:
        return error
    except CertificateError:
        return CertificateError("the signing request cannot be read")
    return CertificateError("this is a certificate, a signing request (CSR) is needed")


def _load(data: bytes) -> x509.CertificateSigningRequest:
    if b"-----BEGIN " in data:
        return x509.load_pem_x509_csr(data)
    if data[:1] == b"\x30":
        return x509.load_der_x509_csr(data)
    decoded = decode_base64(data)
    if b"-----BEGIN " in decoded:
        return x509.load_pem_x509_csr(decoded)
    return x509.load_der_x509_csr(decoded)
