"""Description of the CCP (OPCP ccp.v1)."""

from typing import Final

from apps.core.api.shapes import (
    EMAID,
    FINGERPRINT,
    INSTANT,
    NAMESPACE_ISO_2,
    PCID,
    ROOT_CHOICE,
    base64_text,
    listed,
    record,
    ref,
    text,
)
from apps.participants.api.description import (
    PCID_IN_PATH,
    Described,
    in_header,
    in_path,
    in_query,
)
from apps.participants.rights import Operation

_TAG: Final = "Contract certificate pool"
_EMAID: Final = in_path("emaid", EMAID, "DECWLC000000016")
_PCID_OF_CONTRACTS: Final = in_path("identifier", PCID, "AURDEMO0000000001")
_EMAID_TO_END: Final = in_path("identifier", EMAID, "DECWLC000000023")
_VERSION: Final = in_query("xsdMsgDefNamespace", NAMESPACE_ISO_2)
_ROOT: Final = in_query("cpsV2GRootCertificateFingerprint", ROOT_CHOICE)
_POOL: Final = "/v1/ccp/signedContractData"
_FOUND: Final = (400, 401, 403, 404)

COMPONENTS: Final = {
    "InstallationRequest": record(
        {
            "certificateInstallationReq": base64_text("EXI of the vehicle's request"),
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
        }
    ),
    "InstallationResponse": record(
        {
            "CCPResponse": record(
                {
                    "emaidContent": listed(
                        record({"messageDef": ref("InstallationMessage")}), minItems=1, maxItems=1
                    )
                }
            )
        }
    ),
    "InstallationMessage": record(
        {"certificateInstallationRes": base64_text("EXI for the vehicle")},
        {"emaid": EMAID, "cpsV2GRootCertificateFingerprint": FINGERPRINT, "metaData": text()},
    ),
    "SignedContractData": record(
        {
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "emaid": EMAID,
            "pcid": PCID,
            "signedContractDataXML": base64_text("Signed V2G_Message in XML"),
        },
        {
            "cpsV2GRootCertificateFingerprint": ROOT_CHOICE,
            "metadata": text(maxLength=2000),
        },
    ),
    "ProvidedContractData": record(
        {
            "certificateInstallationRes": base64_text("EXI for the vehicle"),
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "cpsV2GRootCertificateFingerprint": FINGERPRINT,
        }
    ),
    "Contract": record(
        {
            "pcid": PCID,
            "emaid": EMAID,
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "contractCertificate": base64_text("DER of the contract certificate"),
            "defaultContract": {"type": "boolean"},
            "priority": {"type": "integer", "enum": [1, 2], "description": "1 is the default"},
            "certValidFrom": INSTANT,
            "certValidTo": INSTANT,
            "cpsRootCertificateId": text(format="uuid"),
            "cpsRootCertificateDN": text(),
            "cpsRootDistinguishedName": text(),
            "cpsV2GRootCertificateFingerprint": FINGERPRINT,
            "metaData": text(),
            "subscriptionUrl": text(),
        }
    ),
    "ContractList": record({"XMLContracts": listed(ref("Contract"))}),
}

OPERATIONS: Final = (
    Described(
        method="POST",
        path=_POOL,
        name="getSignedContractData",
        tag=_TAG,
        summary="Trade a vehicle's request for its default contract",
        details="An OEM may ask for vehicles of its own WMI only.",
        rights=(Operation.CCP_INSTALL,),
        parameters=(
            in_header("alwaysReturnEXI", "With true, the default, a 404 carries a response too."),
            in_header("broadcast", "Read and ignored: nothing is forwarded."),
        ),
        body=ref("InstallationRequest"),
        answers={200: ref("InstallationResponse")},
        errors=_FOUND,
        more_errors={404: {"oneOf": [ref("InstallationResponse"), ref("Error")]}},
    ),
    Described(
        method="PUT",
        path=_POOL,
        name="addSignedContractData",
        tag=_TAG,
        summary="Store contract data that a CPS signed",
        details="Data of the same contract is replaced, if what comes in is newer.",
        rights=(Operation.CCP_STORE,),
        body=ref("SignedContractData"),
        answers={201: ref("Nothing")},
    ),
    Described(
        method="GET",
        path=f"{_POOL}/{{identifier}}",
        name="getContracts",
        tag=_TAG,
        summary="List the contracts of a vehicle by its PCID",
        rights=(Operation.CCP_CONTRACTS_OF_VEHICLE,),
        parameters=(_PCID_OF_CONTRACTS, _VERSION),
        answers={200: ref("ContractList")},
        errors=_FOUND,
    ),
    Described(
        method="DELETE",
        path=f"{_POOL}/{{identifier}}",
        name="deleteSignedContractData",
        tag=_TAG,
        summary="End a contract by its EMAID and revoke its certificates",
        rights=(Operation.CCP_END,),
        parameters=(
            _EMAID_TO_END,
            in_header("X-Skip-Revocation", "Only a sandbox takes true."),
        ),
        errors=_FOUND,
    ),
    *(
        Described(
            method="POST",
            path=f"{_POOL}/{{pcid}}/{{emaid}}/{last}",
            name=name,
            tag=_TAG,
            summary="Choose the contract that charge points hand to the vehicle",
            rights=(Operation.CCP_SET_DEFAULT,),
            parameters=(PCID_IN_PATH, _EMAID),
            errors=_FOUND,
            deprecated=name != "setDefaultContract",
        )
        for last, name in (("default", "setDefaultContract"), ("priorities", "setPriorities"))
    ),
    Described(
        method="GET",
        path="/v1/ccp/provideSignedContractData/{emaid}/{pcid}",
        name="provideSignedContractData",
        tag=_TAG,
        summary="Fetch contract data that the OEM installs itself",
        rights=(Operation.CCP_PROVIDE,),
        parameters=(
            _EMAID,
            PCID_IN_PATH,
            in_query("sessionID", text("Hex", pattern="^([0-9a-fA-F]{2}){0,8}$")),
            _VERSION,
            _ROOT,
        ),
        answers={200: ref("ProvidedContractData")},
        errors=_FOUND,
    ),
    Described(
        method="GET",
        path="/v1/ccp/lookupContract/{emaid}",
        name="lookupContract",
        tag=_TAG,
        summary="Ask for the contract data of an EMAID",
        rights=(Operation.CCP_LOOKUP,),
        parameters=(_EMAID, _VERSION, _ROOT),
        answers={200: ref("ContractList")},
        errors=_FOUND,
    ),
)
