"""Vehicles as OPCP writes them."""

import base64
from typing import Any

from apps.provisioning_pool.reading import Shown


def provisioning_certificate(vehicle: Shown) -> dict[str, Any]:
    """Return ProvisioningCertificateData; optional members are left out where there is nothing.

    Serial number and SHA-256 in lower-case hex, key identifiers in hex with colons.
    """
    answer: dict[str, Any] = {
        "subCA1Certificate": _base64(vehicle.sub_ca1),
        "vehicleCertificate": _base64(vehicle.der),
        "xsdMsgDefNamespace": vehicle.namespace,
        "rootIssuerDistinguishedName": vehicle.root_subject,
        "rootIssuerSerialNumber": vehicle.root_serial.hex(),
        "rootAuthorityKeyIdentifier": vehicle.root_key_identifier.hex(":"),
        "fingerprint": vehicle.fingerprint.hex(),
    }
    if vehicle.sub_ca2 is not None:
        answer["subCA2Certificate"] = _base64(vehicle.sub_ca2)
    if vehicle.v2g_roots:
        answer["v2gRootAuthorityKeyIdentifiers"] = [
            bytes.fromhex(key).hex(":") for key in vehicle.v2g_roots
        ]
    if vehicle.previous_pcid:
        answer["previousPcid"] = vehicle.previous_pcid
    return answer


def _base64(der: bytes) -> str:
    return base64.b64encode(der).decode()
