"""XML Signature as ISO 15118 uses it (xmldsig-core-schema.xsd).

The same types serve ISO 15118-2 (8.4.1, Annex J) and -20. Transforms with parameters, X.509 data
in KeyInfo and Object are part of the schema and of no ISO 15118 profile: they are numbered, never
read.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from v2g.messages.schema import ANY, BASE64, INTEGER, STRING, Attribute, Element, Text, xsd

XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"


@xsd("CanonicalizationMethodType", XMLDSIG, mixed=True, unread=(ANY,))
@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalizationMethod:
    """How SignedInfo was brought into octets: canonical EXI."""

    algorithm: Annotated[str, Attribute("Algorithm")]


@xsd("SignatureMethodType", XMLDSIG, mixed=True, unread=("HMACOutputLength", ANY))
@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureMethod:
    """The signature algorithm."""

    algorithm: Annotated[str, Attribute("Algorithm")]


@xsd("TransformType", XMLDSIG, mixed=True, unread=("XPath", ANY))
@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """How a referenced element was brought into octets: canonical EXI."""

    algorithm: Annotated[str, Attribute("Algorithm")]


@xsd("TransformsType", XMLDSIG)
@dataclass(frozen=True, slots=True, kw_only=True)
class Transforms:
    """The transforms of a reference, in the order of their use."""

    transform: Annotated[tuple[Transform, ...], Element("Transform", max_occurs=None)]


@xsd("DigestMethodType", XMLDSIG, mixed=True, unread=(ANY,))
@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMethod:
    """The digest algorithm of a reference."""

    algorithm: Annotated[str, Attribute("Algorithm")]


@xsd("ReferenceType", XMLDSIG)
@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One signed element: "#" and its Id, and the digest of its EXI fragment."""

    id: Annotated[str | None, Attribute("Id")] = None
    type: Annotated[str | None, Attribute("Type")] = None
    uri: Annotated[str | None, Attribute("URI")] = None
    transforms: Annotated[Transforms | None, Element("Transforms")] = None
    digest_method: Annotated[DigestMethod, Element("DigestMethod")]
    digest_value: Annotated[bytes, Element("DigestValue", BASE64)]


@xsd("SignedInfoType", XMLDSIG)
@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInfo:
    """What is signed: the algorithms and the references."""

    id: Annotated[str | None, Attribute("Id")] = None
    canonicalization_method: Annotated[CanonicalizationMethod, Element("CanonicalizationMethod")]
    signature_method: Annotated[SignatureMethod, Element("SignatureMethod")]
    reference: Annotated[tuple[Reference, ...], Element("Reference", max_occurs=None)]


@xsd("SignatureValueType", XMLDSIG)
@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureValue:
    """The signature: r||s, 64 octets for -2, 132 for -20."""

    id: Annotated[str | None, Attribute("Id")] = None
    value: Annotated[bytes, Text(BASE64)]


@xsd("KeyInfoType", XMLDSIG, mixed=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A hint at the key; ISO 15118 needs none, names of keys are read."""

    id: Annotated[str | None, Attribute("Id")] = None
    key_name: Annotated[
        tuple[str, ...],
        Element(
            "KeyName",
            STRING,
            max_occurs=None,
            or_unread=(
                "KeyValue",
                "RetrievalMethod",
                "X509Data",
                "PGPData",
                "SPKIData",
                "MgmtData",
                ANY,
            ),
        ),
    ]


@xsd("SignatureType", XMLDSIG, unread=("Object",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The signature in the header of a message."""

    id: Annotated[str | None, Attribute("Id")] = None
    signed_info: Annotated[SignedInfo, Element("SignedInfo")]
    signature_value: Annotated[SignatureValue, Element("SignatureValue")]
    key_info: Annotated[KeyInfo | None, Element("KeyInfo")] = None


@xsd("X509IssuerSerialType", XMLDSIG)
@dataclass(frozen=True, slots=True, kw_only=True)
class X509IssuerSerial:
    """A certificate named by its issuer and serial number."""

    issuer_name: Annotated[str, Element("X509IssuerName", STRING)]
    serial_number: Annotated[int, Element("X509SerialNumber", INTEGER)]
