"""Enrolment over EST (RFC 7030), from the side of whoever needs the certificate."""

from base64 import b64decode
from typing import Final

import httpx
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from apps.demo.lifecycle.backends import Backend, require
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

VERSIONS: Final = {IsoVersion.ISO_2: "ISO15118-2", IsoVersion.ISO_20: "ISO15118-20"}


def enrol(
    backend: Backend,
    operation: str,
    *,
    label: str,
    key: ec.EllipticCurvePrivateKey,
    name: str,
    version: IsoVersion = IsoVersion.ISO_2,
) -> Certificate:
    """Call simpleenroll or simplereenroll with a request for this key and common name."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    csr = request.sign(key, version.hash_algorithm).public_bytes(Encoding.DER)
    answer = backend.send(
        "POST",
        _path(label, operation, version),
        content=csr,
        headers={"Content-Type": "application/pkcs10"},
    )
    (issued,) = _certificates(answer)
    require(issued.public_key == key.public_key(), "the certificate is for another key")
    require(issued.common_name == name, "the certificate is for another name")
    return issued


def authorities(
    backend: Backend, *, label: str, version: IsoVersion = IsoVersion.ISO_2
) -> list[Certificate]:
    """Call cacerts: Sub2, Sub1, root."""
    return _certificates(backend.send("GET", _path(label, "cacerts", version)))


def _path(label: str, operation: str, version: IsoVersion) -> str:
    return f"/.well-known/est/{label}/{operation}/{VERSIONS[version]}"


def _certificates(answer: httpx.Response) -> list[Certificate]:
    # The set keeps the order of RFC 7030's readers, which is not that of DER.
    message = cms.ContentInfo.load(b64decode(answer.content))
    return [Certificate.from_der(one.dump()) for one in message["content"]["certificates"]]
