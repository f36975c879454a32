"""Description of the CPS (OPCP cps.v1)."""

from typing import Final

from apps.core.api.shapes import (
    EMAID,
    FINGERPRINT,
    INSTANT,
    NAMESPACE,
    NAMESPACE_ISO_2,
    PCID,
    ROOT_CHOICE,
    base64_text,
    listed,
    nullable,
    record,
    ref,
    text,
)
from apps.participants.api.description import Described
from apps.participants.rights import Operation

_TAG: Final = "Certificate provisioning service"
_META: Final = text("Stored and handed out again", maxLength=2000)
_KEY: Final = base64_text("IV and ciphertext of the contract key, 48 octets")
_DH: Final = base64_text("Ephemeral public key, 65 octets")
_CREATED: Final = (400, 401, 403)

COMPONENTS: Final = {
    "Signer": record(
        {
            "cpsDistinguishedName": text(),
            "cpsCertificate": base64_text("DER of the signing certificate"),
            "validFrom": INSTANT,
            "validTo": INSTANT,
            "organizationName": text(),
            "cpsRootCertificateId": text(format="uuid"),
            "cpsRootDistinguishedName": text(),
            "cpsV2GRootCertificateFingerprint": FINGERPRINT,
            "cpsSubCa1Certificate": base64_text("DER"),
            "cpsCa1Certificate": base64_text("The same, as older clients call it"),
            "xsdMsgDefNamespace": NAMESPACE,
        },
        {
            "cpsSubCa2Certificate": base64_text("DER"),
            "cpsCa2Certificate": base64_text("The same, as older clients call it"),
        },
    ),
    "SignerList": record({"cpsCertificates": listed(ref("Signer"))}),
    "ContractData": record(
        {
            "contractCertificate": base64_text("DER of the contract certificate"),
            "contractSubCa1Certificate": base64_text("DER of the sub-CA below the root"),
            "contractSignatureEncryptedPrivateKey": _KEY,
            "dHpublickey": _DH,
        },
        {"contractSubCa2Certificate": base64_text("DER of the issuer")},
    ),
    "NestedContractData": record(
        {
            "contractSignatureCertChain": record(
                {
                    "contractSignatureCertChainCertificate": base64_text("DER"),
                    "contractSignatureCertChainSubCertificates": listed(
                        base64_text("DER, the issuer first"), minItems=1, maxItems=2
                    ),
                }
            ),
            "contractSignatureEncryptedPrivateKey": _KEY,
            "dHpublickey": _DH,
        },
        {"emaid": EMAID},
    ),
    "SigningRequest": record(
        {"contractData": ref("ContractData"), "xsdMsgDefNamespace": NAMESPACE_ISO_2},
        {"pcid": PCID, "cpsV2GRootCertificateFingerprint": ROOT_CHOICE, "metaData": _META},
    ),
    "NestedSigningRequest": record(
        {
            "contractData": ref("NestedContractData"),
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "pcid": PCID,
            "emaid": EMAID,
        },
        {"cpsV2GRootCertificateFingerprint": ROOT_CHOICE, "metaData": _META},
    ),
    "SignedBundle": record(
        {
            "pcid": nullable(PCID),
            "emaid": EMAID,
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "signedData": base64_text("Signed V2G_Message in XML"),
            "cpsV2GRootCertificateFingerprint": FINGERPRINT,
            "cpsRootDistinguishedName": text(),
            "metaData": text(),
        }
    ),
    "GenerationRequest": record(
        {
            "pcid": PCID,
            "emaid": EMAID,
            "xsdMsgDefNamespace": NAMESPACE_ISO_2,
            "contractBegins": text("ISO 8601", format="date-time"),
            "contractEnds": text("ISO 8601", format="date-time"),
        },
        {
            "cpsV2GRootCertificateFingerprint": ROOT_CHOICE,
            "subscriptionUrl": text("Stored, never called", maxLength=500),
            "metaData": _META,
        },
    ),
}

OPERATIONS: Final = (
    *(
        Described(
            method="GET",
            path=path,
            name=name,
            tag=_TAG,
            summary="List the signing certificates of the provisioning service",
            rights=(Operation.CPS_SIGNERS,),
            answers={200: ref("SignerList")},
            errors=(401, 403),
        )
        for path, name in (
            ("/cps/signer", "get-cps-signer"),
            ("/v1/cps/signer", "get-v1-cps-signer"),
        )
    ),
    Described(
        method="PUT",
        path="/v1/cps/contractData/signed",
        name="put-v1-cps-signContractData",
        tag=_TAG,
        summary="Have contract data signed and, with a PCID, stored",
        details="Without a fingerprint every V2G root that the vehicle knows gets its own bundle.",
        rights=(Operation.CPS_SIGN,),
        body=ref("SigningRequest"),
        answers={201: ref("SignedBundle")},
        errors=_CREATED,
    ),
    Described(
        method="PUT",
        path="/v1/cps/signedContractData",
        name="createSignedContractData",
        tag=_TAG,
        summary="Have contract data signed and handed back, not stored",
        rights=(Operation.CPS_SIGN,),
        body=ref("NestedSigningRequest"),
        answers={200: ref("SignedBundle")},
        errors=_CREATED,
        deprecated=True,
    ),
    Described(
        method="PUT",
        path="/v1/cps/forward/signedContractData",
        name="createAndForwardSignedContractData",
        tag=_TAG,
        summary="Have contract data signed and stored",
        rights=(Operation.CPS_SIGN,),
        body=ref("NestedSigningRequest"),
        answers={201: ref("Nothing")},
        errors=_CREATED,
        deprecated=True,
    ),
    Described(
        method="PUT",
        path="/v1/cps/generate/signedContractData",
        name="generateSignedContractData",
        tag=_TAG,
        summary="Have the V2G MO CA make contract data, signed and stored",
        rights=(Operation.CPS_GENERATE,),
        body=ref("GenerationRequest"),
        example={
            "pcid": "AURDEMO0000000007",
            "emaid": "DECWLC00000009I",
            "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
            "contractBegins": "2026-01-01T00:00:00Z",
            "contractEnds": "2099-12-31T00:00:00Z",
        },
        answers={201: ref("Nothing")},
        errors=(*_CREATED, 409),
    ),
)
