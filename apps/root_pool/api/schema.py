"""Description of the RCP (OPCP rcp.v1)."""

from typing import Final

from apps.core.api.shapes import (
    FINGERPRINT,
    INSTANT,
    NAMESPACE,
    base64_text,
    listed,
    record,
    ref,
    text,
)
from apps.participants.api.description import Described, in_path, in_query
from apps.participants.rights import Operation

_TYPES: Final = ["V2G", "OEM", "MO", "PE"]
_TYPE: Final = text("What the root stands for", enum=_TYPES)
_TYPE_SENT: Final = text("Any case", enum=[*_TYPES, *(name.lower() for name in _TYPES)])
_BY_ID: Final = in_path("root_certificate_id", text("Id of the root, or its SHA-256 in hex"))
_TAG: Final = "Root certificate pool"
_PENDING: Final = text(enum=["pending"])

COMPONENTS: Final = {
    "RootCertificate": record(
        {
            "rootCertificateId": text(format="uuid"),
            "distinguishedName": text(),
            "rootType": _TYPE,
            "caCertificate": base64_text("DER of the certificate"),
            "commonName": text(),
            "rootAuthorityKeyIdentifier": text("Subject key identifier in base64"),
            "rootAuthorityKeyIdentifierHex": text("The same in hex with colons"),
            "rootIssuerSerialNumber": text("Hex", pattern="^[0-9a-f]+$"),
            "validFrom": INSTANT,
            "validTo": INSTANT,
            "organizationName": text(),
            "certificateRevocationList": text("Address of the CRL, empty without one"),
            "crossCertificatePair": text("Not kept, empty"),
            "labeledUri": text("Not kept, empty"),
            "fingerprint": FINGERPRINT,
            "fingerprintSha1": text("SHA-1 in hex", pattern="^[0-9a-f]{40}$"),
            "xsdMsgDefNamespace": NAMESPACE,
            "signatureAlgorithm": text(
                "Curve of the key", enum=["secp256r1", "secp521r1", "ed448"]
            ),
        }
    ),
    "RootCertificateList": record(
        {"RootCertificateCollection": record({"rootCertificates": listed(ref("RootCertificate"))})}
    ),
    "RootSubmission": record({"caCertificate": text("Base64 of the DER"), "rootType": _TYPE_SENT}),
    "Pending": record({"status": _PENDING}),
    "TrustList": record(
        {
            "signerCertificate": base64_text("DER of the certificate that signed"),
            "timeStamp": INSTANT,
            "CTL": record(
                {
                    "contentType": text(),
                    "encoding": text(enum=["base64"]),
                    "content": base64_text("CMS SignedData over the list"),
                }
            ),
        }
    ),
}

OPERATIONS: Final = (
    Described(
        method="GET",
        path="/v1/root/rootCerts",
        name="getAllRootCerts",
        tag=_TAG,
        summary="List the trusted roots",
        rights=(Operation.RCP_READ,),
        parameters=(in_query("rootType", _TYPE_SENT),),
        answers={200: ref("RootCertificateList")},
    ),
    Described(
        method="PUT",
        path="/v1/root/rootCerts",
        name="put-v1-root-rootCerts",
        tag=_TAG,
        summary="Submit a root",
        details="It is trusted once another person of the operator has confirmed its fingerprint.",
        rights=(Operation.RCP_WRITE,),
        body=ref("RootSubmission"),
        answers={200: {"allOf": [ref("Pending"), ref("RootCertificate")]}},
    ),
    Described(
        method="GET",
        path="/v1/root/rootCerts/{root_certificate_id}",
        name="getRootCert",
        tag=_TAG,
        summary="Read one trusted root",
        rights=(Operation.RCP_READ,),
        parameters=(_BY_ID,),
        answers={200: record({"RootResponse": ref("RootCertificate")})},
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="DELETE",
        path="/v1/root/rootCerts/{root_certificate_id}",
        name="delete-v1-root-rootCerts-rootCertificateId",
        tag=_TAG,
        summary="Ask for the removal of a root",
        details="The root stays until another person of the operator has confirmed its removal.",
        rights=(Operation.RCP_WRITE,),
        parameters=(_BY_ID,),
        answers={200: ref("Pending")},
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="GET",
        path="/v1/root/ctl",
        name="get-v1-root-ctl",
        tag=_TAG,
        summary="Read all trusted roots as one signed list",
        rights=(Operation.RCP_READ,),
        answers={200: ref("TrustList")},
        errors=(401, 403, 404),
    ),
    Described(
        method="GET",
        path="/v1/root/trustStore",
        name="getTrustStore",
        tag=_TAG,
        summary="Download the trusted roots for the trust store of a vehicle",
        details="Plugpool's own operation.",
        rights=(Operation.RCP_READ,),
        parameters=(
            in_query("rootType", _TYPE_SENT),
            in_query("format", text("pem without it", enum=["pem", "p7b"])),
        ),
        answers={200: text("PEM, or PKCS #7")},
        errors=(400, 401, 403, 404),
        answer_types=("application/x-pem-file", "application/x-pkcs7-certificates"),
    ),
)
