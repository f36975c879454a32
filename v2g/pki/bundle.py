"""Certificates out of what people and machines send: PEM, DER, base64, PKCS#7, PKCS#12.

The form is told by the content. A private key in it is refused, whatever else is there: nobody
here ever needs one. Every size and count is bounded, and so is the work: a PKCS#12 says how often
its password is to be hashed.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from asn1crypto import cms, core, keys, x509

from v2g.errors import CertificateError, PrivateKeyError
from v2g.pki.certificate import Certificate
from v2g.pki.pkcs12 import certificates_of_pkcs12, free_of_charge
from v2g.pki.reading import UNREADABLE

MAX_SIZE: Final = 1_000_000
MAX_CERTIFICATES: Final = 64

PRIVATE_KEY_MESSAGE: Final = (
    "The file holds a private key. We never need it: keep it, and send only the certificates."
)

_PEM: Final = re.compile(
    rb"-----BEGIN (?P<label>[A-Z0-9 ]{1,64})-----(?P<body>[^-]*)-----END (?P=label)-----"
)
_CERTIFICATE_LABELS: Final = {b"CERTIFICATE", b"X509 CERTIFICATE"}
_PKCS7_LABELS: Final = {b"PKCS7", b"CMS"}

_INTEGER, _OBJECT_IDENTIFIER, _SEQUENCE = 2, 6, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """What opens a PKCS#12; `spend` hears of the rounds of hashing before they are made."""

    text: str | None = None
    spend: Callable[[int], None] = free_of_charge


def read_bundle(data: bytes, *, password: str | None = None) -> list[Certificate]:
    """Read all certificates in their order of appearance, each once.

    CertificateError for an unknown form, none or over 64 certificates, over 1 MB, and private
    keys. `password` opens a PKCS#12.
    """
    if len(data) > MAX_SIZE:
        raise CertificateError("the file is over 1 MB")
    ders = find_certificates(data, Password(text=password))
    if len(ders) > MAX_CERTIFICATES:
        raise CertificateError("over 64 certificates were found")
    return [Certificate.from_der(der) for der in ders]


def find_certificates(data: bytes, password: Password) -> list[bytes]:
    """Give the DER of what are said to be certificates, unread, each once; the caller bounds sizes.

    CertificateError for an unknown form and where there is none, PrivateKeyError, PasswordError.
    """
    if b"PRIVATE KEY-----" in data:
        raise PrivateKeyError(PRIVATE_KEY_MESSAGE)
    ders = _from_pem(data) if b"-----BEGIN " in data else _from_binary(data, password)
    unique = list(dict.fromkeys(ders))
    if not unique:
        raise CertificateError("no certificate was found")
    return unique


def read_certificate(data: bytes) -> Certificate:
    """Read exactly one certificate: PEM, DER, base64 in any wrapping."""
    certificates = read_bundle(data)
    if len(certificates) != 1:
        raise CertificateError("exactly one certificate is needed")
    return certificates[0]


def order_chain(certificates: Iterable[Certificate]) -> list[Certificate]:
    """Sort a bag into leaf, Sub2, Sub1; roots are left out, as they do not belong into a chain.

    CertificateError where the order is not clear or one does not belong to the others. Nothing is
    verified but which key signed which certificate: `chains` does the rest.
    """
    bag = dict.fromkeys(certificates)
    members = [certificate for certificate in bag if not certificate.is_self_issued]
    issuers = {
        certificate: [other for other in members if _signed_by(certificate, other)]
        for certificate in members
    }
    signing = {other for found in issuers.values() for other in found}
    ends = [certificate for certificate in members if certificate not in signing]
    if len(ends) != 1:
        raise CertificateError("the certificates are not one chain with one end")
    ordered = ends
    while found := issuers[ordered[-1]]:
        if len(found) > 1 or found[0] in ordered:
            raise CertificateError("the order of the certificates is not clear")
        ordered.append(found[0])
    if len(ordered) != len(members):
        raise CertificateError("a certificate does not belong to the chain")
    return ordered


def _signed_by(certificate: Certificate, other: Certificate) -> bool:
    return certificate.issuer.der == other.subject.der and certificate.is_signed_by(
        other.public_key
    )


def _from_pem(data: bytes) -> list[bytes]:
    ders: list[bytes] = []
    blocks = list(_PEM.finditer(data))
    if len(blocks) != data.count(b"-----BEGIN "):
        raise CertificateError("a PEM block is cut short or broken")
    for match in blocks:
        label, der = match["label"], decode_base64(match["body"])
        if label in _CERTIFICATE_LABELS:
            ders.append(der)
        elif label in _PKCS7_LABELS:
            ders += _from_pkcs7(der)
        else:
            raise CertificateError(f"a PEM block of {label.decode()} is not a certificate")
    return ders


def _from_binary(data: bytes, password: Password) -> list[bytes]:
    if data[:1] == b"\x30":
        return _from_der(data, password)
    decoded = decode_base64(data)
    if b"PRIVATE KEY-----" in decoded:
        raise PrivateKeyError(PRIVATE_KEY_MESSAGE)
    return _from_pem(decoded) if b"-----BEGIN " in decoded else _from_der(decoded, password)


def decode_base64(text: bytes) -> bytes:
    """Base64 in any wrapping, in the usual or the URL alphabet."""
    compact = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except binascii.Error as error:
        raise CertificateError("the file is neither PEM, DER nor base64") from error


def _from_der(data: bytes, password: Password) -> list[bytes]:
    """Tell the forms apart by the first part of the outer SEQUENCE."""
    try:
        if _is_encrypted_key(data):
            raise PrivateKeyError(PRIVATE_KEY_MESSAGE)
        first = core.Asn1Value.load(core.Sequence.load(data, strict=True).contents)
        tag = first.tag if first.class_ == 0 else None
        if tag == _INTEGER:
            if first.contents != b"\x03":
                # Private keys begin with version 0 (PKCS#8, RSA) or 1 (SEC 1); a PKCS#12 with 3.
                raise PrivateKeyError(PRIVATE_KEY_MESSAGE)
            return certificates_of_pkcs12(data, password.text, password.spend)
    except UNREADABLE as error:
        raise CertificateError("the file cannot be read") from error
    if tag == _OBJECT_IDENTIFIER:
        return _from_pkcs7(data)
    if tag != _SEQUENCE:
        raise CertificateError("the file is not a certificate")
    return [data]


def _is_encrypted_key(data: bytes) -> bool:
    """Tell whether it is an EncryptedPrivateKeyInfo (RFC 5958): an algorithm, then octets."""
    try:
        found = keys.EncryptedPrivateKeyInfo.load(data, strict=True)
        return isinstance(found["encrypted_data"].native, bytes)
    except UNREADABLE:
        return False


def _from_pkcs7(data: bytes) -> list[bytes]:
    try:
        content = cms.ContentInfo.load(data, strict=True)
        if content["content_type"].native != "signed_data":
            raise CertificateError("the PKCS#7 file holds no certificates")
        choices = content["content"]["certificates"]
        return [choice.chosen.dump() for choice in choices if _is_certificate(choice)]
    except UNREADABLE as error:
        raise CertificateError("the PKCS#7 file cannot be read") from error


def _is_certificate(choice: cms.CertificateChoices) -> bool:
    return isinstance(choice.chosen, x509.Certificate)
