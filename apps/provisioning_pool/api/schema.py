"""Description of the PCP (OPCP pcp.v1)."""

from typing import Final

from apps.core.api.shapes import (
    FINGERPRINT,
    NAMESPACE,
    PCID,
    base64_text,
    listed,
    record,
    ref,
    text,
)
from apps.participants.api.description import PCID_IN_PATH, Described
from apps.participants.rights import Operation

_KEYS: Final = listed(
    text("Hex, with or without colons", pattern="^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){0,63}$"),
    description="Key identifiers of the V2G roots that the vehicle trusts",
    maxItems=50,
)
_TAG: Final = "Provisioning certificate pool"
_CHAIN: Final = {
    "vehicleCertificate": base64_text("DER of the provisioning certificate"),
    "subCA1Certificate": base64_text("DER of the sub-CA below the root"),
}
_OPTIONAL: Final = {
    "subCA2Certificate": base64_text("DER of the sub-CA that issued the vehicle's"),
    "v2gRootAuthorityKeyIdentifiers": _KEYS,
    "previousPcid": PCID,
}

COMPONENTS: Final = {
    "ProvisioningCertificate": record(_CHAIN, {**_OPTIONAL, "xsdMsgDefNamespace": NAMESPACE}),
    "ProvisioningCertificateData": record(
        {
            **_CHAIN,
            "xsdMsgDefNamespace": NAMESPACE,
            "rootIssuerDistinguishedName": text("Subject of the root"),
            "rootIssuerSerialNumber": text("Hex", pattern="^[0-9a-f]+$"),
            "rootAuthorityKeyIdentifier": text("Hex with colons"),
            "fingerprint": FINGERPRINT,
        },
        _OPTIONAL,
    ),
}

OPERATIONS: Final = (
    Described(
        method="PUT",
        path="/v1/oem/provCerts",
        name="addOEMProvCert",
        tag=_TAG,
        summary="Publish a vehicle, or renew what is published",
        details=(
            "The PCID is the common name of the certificate. A new key, or a previousPcid, takes"
            " the contract data of the old one out of the pool."
        ),
        rights=(Operation.PCP_PUBLISH,),
        body=ref("ProvisioningCertificate"),
        answers={200: ref("ProvisioningCertificateData")},
    ),
    Described(
        method="GET",
        path="/v1/oem/provCerts/{pcid}",
        name="getOEMProvCert",
        tag=_TAG,
        summary="Read the certificate of a vehicle with its chain",
        rights=(Operation.PCP_GET,),
        parameters=(PCID_IN_PATH,),
        answers={200: record({"OEMMessage": ref("ProvisioningCertificateData")})},
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="DELETE",
        path="/v1/oem/provCerts/{pcid}",
        name="deleteOEMProvCert",
        tag=_TAG,
        summary="Take a vehicle out of the pool, and its contract data with it",
        rights=(Operation.PCP_WITHDRAW,),
        parameters=(PCID_IN_PATH,),
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="GET",
        path="/v1/oem/provCerts/lookupVehicle/{pcid}",
        name="lookupVehicle",
        tag=_TAG,
        summary="Ask whether a vehicle's provisioning certificate is available",
        details="One that was revoked or has expired is refused here as it is by the read.",
        rights=(Operation.PCP_LOOKUP,),
        parameters=(PCID_IN_PATH,),
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="POST",
        path="/v1/oem/provCerts/{pcid}/factoryReset",
        name="factoryReset",
        tag=_TAG,
        summary="End the contracts of a vehicle that forgot what was installed in it",
        details="Plugpool's own operation. The provisioning certificate stays.",
        rights=(Operation.PCP_FACTORY_RESET,),
        parameters=(PCID_IN_PATH,),
        errors=(400, 401, 403, 404),
    ),
)
