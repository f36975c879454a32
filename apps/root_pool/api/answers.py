"""Roots as OPCP writes them."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from apps.root_pool.models import RootCertificate, TrustList


def root_certificate(root: RootCertificate, crl_url: str) -> dict[str, Any]:
    """Return RootCertV2: DER in base64, SHA digests and the serial number in lower-case hex.

    The key identifier is the one in the certificate, in base64 and as hex with colons. Cross
    certificates and labelled URIs of roots are not kept: their fields are empty.
    """
    der, key_identifier = bytes(root.der), bytes(root.key_identifier)
    return {
        "rootCertificateId": str(root.uuid),
        "distinguishedName": root.subject,
        "rootType": root.root_type,
        "caCertificate": base64.b64encode(der).decode(),
        "commonName": root.common_name,
        "rootAuthorityKeyIdentifier": base64.b64encode(key_identifier).decode(),
        "rootAuthorityKeyIdentifierHex": key_identifier.hex(":"),
        "rootIssuerSerialNumber": bytes(root.serial).hex(),
        "validFrom": instant(root.not_before),
        "validTo": instant(root.not_after),
        "organizationName": root.organization_name,
        "certificateRevocationList": crl_url,
        "crossCertificatePair": "",
        "labeledUri": "",
        "fingerprint": bytes(root.fingerprint).hex(),
        "fingerprintSha1": hashlib.sha1(der, usedforsecurity=False).hexdigest(),
        "xsdMsgDefNamespace": root.namespace,
        "signatureAlgorithm": root.curve,
    }


def trust_list(row: TrustList) -> dict[str, Any]:
    """Return the answer of GetCertificateTrustList; OPCP leaves the object `CTL` open."""
    signer = bytes(row.signer.certificate.der or b"")
    return {
        "signerCertificate": base64.b64encode(signer).decode(),
        "timeStamp": instant(row.issued_at),
        "CTL": {
            "contentType": "application/pkcs7-mime; smime-type=signed-data",
            "encoding": "base64",
            "content": base64.b64encode(bytes(row.der)).decode(),
        },
    }


def instant(value: datetime) -> str:
    """RFC 3339 in UTC with whole seconds: `2019-01-10T12:54:26Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
