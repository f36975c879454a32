"""Vehicles as OPCP writes them."""

import base64
from typing import Any

from apps.provisioning_pool.models import ProvisioningCertificate


def provisioning_certificate(row: ProvisioningCertificate) -> dict[str, Any]:
    """Return ProvisioningCertificateData; optional members are left out where there is nothing.

    Serial number and SHA-256 in lower-case hex, key identifiers in hex with colons.
    """
    answer: dict[str, Any] = {
        "subCA1Certificate": _base64(row.sub_ca1.der),
        "vehicleCertificate": _base64(row.der),
        "xsdMsgDefNamespace": row.namespace,
        "rootIssuerDistinguishedName": row.root.subject,
        "rootIssuerSerialNumber": bytes(row.root.serial).hex(),
        "rootAuthorityKeyIdentifier": bytes(row.root.key_identifier).hex(":"),
        "fingerprint": bytes(row.fingerprint).hex(),
    }
    if row.sub_ca2 is not None:
        answer["subCA2Certificate"] = _base64(row.sub_ca2.der)
    if row.v2g_roots:
        answer["v2gRootAuthorityKeyIdentifiers"] = [
            bytes.fromhex(key).hex(":") for key in row.v2g_roots
        ]
    if row.previous_pcid:
        answer["previousPcid"] = row.previous_pcid
    return answer


def _base64(der: bytes | memoryview) -> str:
    return base64.b64encode(bytes(der)).decode()
