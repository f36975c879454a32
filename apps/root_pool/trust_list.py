"""The form of the signed trust list (docs/rcp.md): JSON in a CMS SignedData (RFC 5652)."""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from apps.root_pool.models import RootCertificate
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

FORMAT: Final = "plugpool-trust-list"
VERSION: Final = 1
_HASHES: Final = {version.curve.name: version.hash_algorithm for version in IsoVersion}


def content(
    roots: Iterable[RootCertificate], *, issued_at: datetime, next_update: datetime
) -> bytes:
    """Return what is signed: UTF-8 JSON with one entry per root."""
    listed = {
        "format": FORMAT,
        "version": VERSION,
        "issuedAt": _instant(issued_at),
        "nextUpdate": _instant(next_update),
        "roots": [_entry(root) for root in roots],
    }
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()


def sign(
    data: bytes,
    *,
    certificate: Certificate,
    above: Sequence[Certificate],
    key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """Return the SignedData in DER: the data inside, the signer's certificate and its sub-CAs.

    ECDSA with the hash of the key's generation of ISO 15118; signed attributes are content type,
    digest and signing time. Never inside a transaction.
    """
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
    builder = builder.add_signer(_x509(certificate), key, _HASHES[certificate.curve])
    for one in above:
        builder = builder.add_certificate(_x509(one))
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    return builder.sign(Encoding.DER, options)


def _entry(root: RootCertificate) -> dict[str, Any]:
    return {
        "rootCertificateId": str(root.uuid),
        "rootType": root.root_type,
        "fingerprint": bytes(root.fingerprint).hex(),
        "subject": root.subject,
        "validFrom": _instant(root.not_before),
        "validTo": _instant(root.not_after),
        "xsdMsgDefNamespace": root.namespace,
        "caCertificate": base64.b64encode(bytes(root.der)).decode(),
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _x509(certificate: Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.der)
