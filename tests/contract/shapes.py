"""What a client of OPCP 1.0 relies on in each answer, as JSON Schemas of our own.

Required are the fields that OPCP requires, and those that clients in the field read. Where OPCP's
own patterns contradict each other (fingerprint as a UUID, a name and a fingerprint swapped,
lengths of base64 that its own examples break) the pattern is the one that its text describes.
Namespaces and identifiers are those of OPCP; unknown fields are allowed, as everywhere in it.
"""

from typing import Any, Final

from jsonschema import Draft202012Validator

Shape = dict[str, Any]

_TEXT: Final[Shape] = {"type": "string"}
_SOME: Final[Shape] = {"type": "string", "minLength": 1}
_BASE64: Final[Shape] = {
    "type": "string",
    "minLength": 4,
    "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}
_PCID: Final[Shape] = {"type": "string", "pattern": "^[a-zA-Z0-9]{17,18}$"}
_EMAID: Final[Shape] = {
    "type": "string",
    "pattern": r"^[A-Za-z]{2}[-]?\w{3}[-]?\w{9}[-]?(\w{1})?$",
    "minLength": 14,
    "maxLength": 15,
}
_SHA256: Final[Shape] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_UUID: Final[Shape] = {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
}
_INSTANT: Final[Shape] = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
}
_NAME: Final[Shape] = {"type": "string", "pattern": "^(CN|OU|O|C|DC|ST)=.+"}
_NAMESPACE: Final[Shape] = {"enum": ["urn:iso:15118:2:2013:MsgDef", "urn:iso:15118:20:2022:MsgDef"]}
_ISO_2: Final[Shape] = {"const": "urn:iso:15118:2:2013:MsgDef"}


def _object(required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Shape:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


def _list(items: Shape, **more: Any) -> Shape:
    return {"type": "array", "items": items, **more}


_ROOT: Final = _object(
    {
        "rootCertificateId": _UUID,
        "distinguishedName": _NAME,
        "rootType": {"enum": ["MO", "V2G", "OEM", "PE"]},
        "caCertificate": _BASE64,
        "rootAuthorityKeyIdentifier": _BASE64,
        "fingerprint": _SHA256,
        "validFrom": _INSTANT,
        "validTo": _INSTANT,
        "xsdMsgDefNamespace": _NAMESPACE,
        "signatureAlgorithm": {"enum": ["secp256r1", "secp521r1", "ed448"]},
    },
    {
        "commonName": _TEXT,
        "rootAuthorityKeyIdentifierHex": _TEXT,
        "rootIssuerSerialNumber": _TEXT,
        "organizationName": _TEXT,
        "certificateRevocationList": _TEXT,
        "crossCertificatePair": _TEXT,
        "labeledUri": _TEXT,
        "fingerprintSha1": _TEXT,
    },
)
_VEHICLE: Final = _object(
    {
        "subCA1Certificate": _BASE64,
        "vehicleCertificate": _BASE64,
        "rootIssuerDistinguishedName": _NAME,
        "rootIssuerSerialNumber": _SOME,
        "xsdMsgDefNamespace": _NAMESPACE,
    },
    {
        "subCA2Certificate": _BASE64,
        "v2gRootAuthorityKeyIdentifiers": _list(_TEXT, minItems=1, uniqueItems=True),
        "rootAuthorityKeyIdentifier": _TEXT,
        "fingerprint": _TEXT,
        "previousPcid": _PCID,
    },
)
_SIGNER: Final = _object(
    {
        "cpsDistinguishedName": _SOME,
        "cpsCertificate": _BASE64,
        "validFrom": _INSTANT,
        "validTo": _INSTANT,
        "organizationName": _SOME,
        "cpsV2GRootCertificateFingerprint": _SHA256,
        "cpsRootDistinguishedName": _NAME,
        "cpsSubCa1Certificate": _BASE64,
        "xsdMsgDefNamespace": _NAMESPACE,
    },
    {"cpsSubCa2Certificate": _BASE64},
)
_SIGNED: Final = _object(
    {
        "emaid": _EMAID,
        "xsdMsgDefNamespace": _ISO_2,
        "signedData": _BASE64,
        "cpsV2GRootCertificateFingerprint": _SHA256,
        "cpsRootDistinguishedName": _NAME,
    },
    {"pcid": {"anyOf": [_PCID, {"type": "null"}]}, "metaData": _TEXT},
)
_CONTRACT: Final = _object(
    {
        "pcid": _PCID,
        "emaid": _EMAID,
        "xsdMsgDefNamespace": _ISO_2,
        "contractCertificate": _BASE64,
        "defaultContract": {"type": "boolean"},
        "certValidFrom": _INSTANT,
        "certValidTo": _INSTANT,
        "cpsRootCertificateDN": _NAME,
        "cpsV2GRootCertificateFingerprint": _SHA256,
    }
)
_ENDPOINT: Final = _object(
    {
        "id": _SOME,
        "created": {"type": "integer"},
        "enabledEvents": _list(_TEXT, minItems=1),
        "url": {"type": "string", "pattern": "^https://"},
        "apiVersion": _TEXT,
        "status": {"enum": ["enabled", "disabled"]},
        "metadata": {"type": "object"},
    },
    {"secret": _SOME, "providerIds": _list(_TEXT), "wmis": _list(_TEXT)},
)


def _installation(message: Shape) -> Shape:
    entries = _list(_object({"messageDef": message}), minItems=1, uniqueItems=True)
    return _object({"CCPResponse": _object({"emaidContent": entries})})


EMPTY: Final[Shape] = {"type": "object", "maxProperties": 0}
ERROR: Final = _object(
    {"errorMessages": _list(_TEXT, minItems=1, uniqueItems=True), "traceId": _UUID}
)
TOKEN: Final = _object(
    {
        "access_token": _SOME,
        "scope": _SOME,
        "expires_in": {"type": "integer"},
        "token_type": {"const": "Bearer"},
    }
)
TOKEN_ERROR: Final = _object({"error": _SOME, "error_description": _SOME})
ROOT: Final = _object({"RootResponse": _ROOT})
ROOTS: Final = _object({"RootCertificateCollection": _object({"rootCertificates": _list(_ROOT)})})
VEHICLE: Final = _VEHICLE
VEHICLE_MESSAGE: Final = _object({"OEMMessage": _VEHICLE})
SIGNERS: Final = _object({"cpsCertificates": _list(_SIGNER, minItems=1)})
SIGNED: Final = _SIGNED
SIGNED_OLDER: Final = {**_SIGNED, "required": ["pcid", *_SIGNED["required"]]}
INSTALLATION: Final = _installation(
    _object(
        {
            "certificateInstallationRes": _BASE64,
            "emaid": _EMAID,
            "cpsV2GRootCertificateFingerprint": _SHA256,
        }
    )
)
INSTALLATION_REFUSED: Final = _installation(_object({"certificateInstallationRes": _BASE64}))
PROVIDED: Final = _object(
    {"certificateInstallationRes": _BASE64, "xsdMsgDefNamespace": _ISO_2},
    {"cpsV2GRootCertificateFingerprint": _SHA256},
)
CONTRACTS: Final = _object({"XMLContracts": _list(_CONTRACT, minItems=1)})
NO_CONTRACTS: Final = _object({"XMLContracts": _list(_CONTRACT, maxItems=0)})
ENDPOINT: Final = _ENDPOINT
ENDPOINT_WITH_SECRET: Final = {**_ENDPOINT, "required": ["secret", *_ENDPOINT["required"]]}
ENDPOINTS: Final = _list(_ENDPOINT, minItems=1)


def require(answer: Any, status: int, shape: Shape) -> Any:
    """Check status, media type and shape of an answer; return its body."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    Draft202012Validator(shape).validate(body)
    return body
