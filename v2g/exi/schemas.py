"""The roots of each schema: the codes of its documents and of its fragments.

The codes are the places among all global elements of the schema (documents), or among all element
names (fragments), by local name; the widths follow from their number, the wildcard and, for
fragments, the end. They are the facts of the schemas of ISO 15118-2 (80 global elements, 243
names), ISO 15118-20 CommonMessages (54, 281) and xmldsig (45 names).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from v2g.messages import iso2, iso20, xmldsig
from v2g.messages.schema import declaration
from v2g.protocol import ISO_2_MSGDEF, ISO_20_COMMON_MESSAGES


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An element name of several types: fragments use the element fragment grammar for it.

    EXI 1.0, 8.5.3. All attribute and element names of the schema are events of one state;
    `attribute`, `content` and `end` are the codes used in it, then `end_after_content` closes the
    element.
    """

    width: int
    attribute: int
    content: int
    end: int
    content_width: int
    end_after_content: int


@dataclass(frozen=True, slots=True)
class Root:
    """An element that a stream can be of: its class and its code."""

    name: str
    cls: type
    code: int
    relaxed: Relaxed | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """The roots of a schema. `end` is the code of the end of a fragment.

    `fragment_namespace` is that of the elements which are signed, in XML.
    """

    urn: str
    fragment_namespace: str
    document_width: int
    documents: tuple[Root, ...]
    fragment_width: int
    fragments: tuple[Root, ...]
    end: int


ISO_2: Final = Schema(
    urn=ISO_2_MSGDEF,
    fragment_namespace=iso2.MSG_BODY,
    document_width=7,
    documents=(Root("V2G_Message", iso2.V2GMessage, 76),),
    fragment_width=8,
    fragments=(
        Root("CertificateInstallationReq", iso2.CertificateInstallationReq, 15),
        Root("CertificateUpdateReq", iso2.CertificateUpdateReq, 17),
        Root("ContractSignatureCertChain", iso2.CertificateChain, 33),
        Root("ContractSignatureEncryptedPrivateKey", iso2.ContractSignatureEncryptedPrivateKey, 34),
        Root("DHpublickey", iso2.DiffieHellmanPublickey, 45),
        # eMAIDType in CertificateUpdateReq, EMAIDType in the responses: two types of one name.
        Root("eMAID", iso2.EMAID, 236, Relaxed(9, 4, 256, 255, 8, 244)),
    ),
    end=244,
)

ISO_20: Final = Schema(
    urn=ISO_20_COMMON_MESSAGES,
    fragment_namespace=iso20.COMMON_MESSAGES,
    document_width=6,
    documents=(
        Root("CertificateInstallationReq", iso20.CertificateInstallationReq, 7),
        Root("CertificateInstallationRes", iso20.CertificateInstallationRes, 8),
    ),
    fragment_width=9,
    fragments=(
        Root("OEMProvisioningCertificateChain", iso20.SignedCertificateChain, 128),
        Root("SignedInstallationData", iso20.SignedInstallationData, 231),
    ),
    end=282,
)

XMLDSIG: Final = Schema(
    urn=xmldsig.XMLDSIG,
    fragment_namespace=xmldsig.XMLDSIG,
    document_width=0,
    documents=(),
    fragment_width=6,
    fragments=(Root("SignedInfo", xmldsig.SignedInfo, 32),),
    end=46,
)

SCHEMAS: Final = {schema.urn: schema for schema in (ISO_2, ISO_20, XMLDSIG)}


def _root_names() -> Iterator[tuple[tuple[str, str], type]]:
    for schema in SCHEMAS.values():
        for root in schema.documents:
            yield (declaration(root.cls).namespace, root.name), root.cls
        for root in schema.fragments:
            yield (schema.fragment_namespace, root.name), root.cls


# The classes of documents and fragments by their names in XML: namespace, local name.
ROOT_NAMES: Final = dict(_root_names())
