"""The certificate messages of ISO 15118-2:2014 (V2G_CI_MsgDef, MsgHeader, MsgBody, MsgDataTypes).

Lengths that the XSD bounds (SessionID 8 octets, certificate 800, eMAID 14 to 15 characters) are
not enforced here: charge points in the field answer with dummy values of other lengths when they
refuse, and a reader has to see them.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

from v2g.messages.schema import (
    BASE64,
    HEX,
    SHORT,
    STRING,
    Attribute,
    Element,
    Substitution,
    Text,
    xsd,
)
from v2g.messages.xmldsig import XMLDSIG, Signature, X509IssuerSerial
from v2g.protocol import ISO_2_MSGDEF

MSG_DEF: Final = ISO_2_MSGDEF
MSG_HEADER: Final = "urn:iso:15118:2:2013:MsgHeader"
MSG_BODY: Final = "urn:iso:15118:2:2013:MsgBody"
MSG_DATA_TYPES: Final = "urn:iso:15118:2:2013:MsgDataTypes"

MAX_ROOT_CERTIFICATE_IDS: Final = 20
MAX_SUB_CERTIFICATES: Final = 4

# Every member of the group BodyElement, by local name: the place is the event code.
BODY_ELEMENTS: Final = (
    "AuthorizationReq",
    "AuthorizationRes",
    "BodyElement",
    "CableCheckReq",
    "CableCheckRes",
    "CertificateInstallationReq",
    "CertificateInstallationRes",
    "CertificateUpdateReq",
    "CertificateUpdateRes",
    "ChargeParameterDiscoveryReq",
    "ChargeParameterDiscoveryRes",
    "ChargingStatusReq",
    "ChargingStatusRes",
    "CurrentDemandReq",
    "CurrentDemandRes",
    "MeteringReceiptReq",
    "MeteringReceiptRes",
    "PaymentDetailsReq",
    "PaymentDetailsRes",
    "PaymentServiceSelectionReq",
    "PaymentServiceSelectionRes",
    "PowerDeliveryReq",
    "PowerDeliveryRes",
    "PreChargeReq",
    "PreChargeRes",
    "ServiceDetailReq",
    "ServiceDetailRes",
    "ServiceDiscoveryReq",
    "ServiceDiscoveryRes",
    "SessionSetupReq",
    "SessionSetupRes",
    "SessionStopReq",
    "SessionStopRes",
    "WeldingDetectionReq",
    "WeldingDetectionRes",
)


class ResponseCode(Enum):
    """responseCodeType of MsgDataTypes; the order is that of the XSD."""

    OK = "OK"
    OK_NEW_SESSION_ESTABLISHED = "OK_NewSessionEstablished"
    OK_OLD_SESSION_JOINED = "OK_OldSessionJoined"
    OK_CERTIFICATE_EXPIRES_SOON = "OK_CertificateExpiresSoon"
    FAILED = "FAILED"
    FAILED_SEQUENCE_ERROR = "FAILED_SequenceError"
    FAILED_SERVICE_ID_INVALID = "FAILED_ServiceIDInvalid"
    FAILED_UNKNOWN_SESSION = "FAILED_UnknownSession"
    FAILED_SERVICE_SELECTION_INVALID = "FAILED_ServiceSelectionInvalid"
    FAILED_PAYMENT_SELECTION_INVALID = "FAILED_PaymentSelectionInvalid"
    FAILED_CERTIFICATE_EXPIRED = "FAILED_CertificateExpired"
    FAILED_SIGNATURE_ERROR = "FAILED_SignatureError"
    FAILED_NO_CERTIFICATE_AVAILABLE = "FAILED_NoCertificateAvailable"
    FAILED_CERT_CHAIN_ERROR = "FAILED_CertChainError"
    FAILED_CHALLENGE_INVALID = "FAILED_ChallengeInvalid"
    FAILED_CONTRACT_CANCELED = "FAILED_ContractCanceled"
    FAILED_WRONG_CHARGE_PARAMETER = "FAILED_WrongChargeParameter"
    FAILED_POWER_DELIVERY_NOT_APPLIED = "FAILED_PowerDeliveryNotApplied"
    FAILED_TARIFF_SELECTION_INVALID = "FAILED_TariffSelectionInvalid"
    FAILED_CHARGING_PROFILE_INVALID = "FAILED_ChargingProfileInvalid"
    FAILED_METERING_SIGNATURE_NOT_VALID = "FAILED_MeteringSignatureNotValid"
    FAILED_NO_CHARGE_SERVICE_SELECTED = "FAILED_NoChargeServiceSelected"
    FAILED_WRONG_ENERGY_TRANSFER_MODE = "FAILED_WrongEnergyTransferMode"
    FAILED_CONTACTOR_ERROR = "FAILED_ContactorError"
    FAILED_CERTIFICATE_NOT_ALLOWED_AT_THIS_EVSE = "FAILED_CertificateNotAllowedAtThisEVSE"
    FAILED_CERTIFICATE_REVOKED = "FAILED_CertificateRevoked"


class FaultCode(Enum):
    """faultCodeType, ISO 15118-2 8.5.2.8; the spelling is that of the XSD."""

    PARSING_ERROR = "ParsingError"
    NO_TLS_ROOT_CERTIFICATE_AVAILABLE = "NoTLSRootCertificatAvailable"
    UNKNOWN_ERROR = "UnknownError"


@xsd("NotificationType", MSG_DATA_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A remark of the sender, ISO 15118-2 8.5.2.8."""

    fault_code: Annotated[FaultCode, Element("FaultCode")]
    fault_msg: Annotated[str | None, Element("FaultMsg", STRING)] = None


@xsd("MessageHeaderType", MSG_HEADER)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeader:
    """The header of every message, ISO 15118-2 8.3.3. SessionID is up to 8 octets."""

    session_id: Annotated[bytes, Element("SessionID", HEX)]
    notification: Annotated[Notification | None, Element("Notification")] = None
    signature: Annotated[Signature | None, Element("Signature", namespace=XMLDSIG)] = None


@xsd("SubCertificatesType", MSG_DATA_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubCertificates:
    """Sub-CA certificates, DER, without the root; ISO 15118-2 8.5.2.5."""

    certificate: Annotated[
        tuple[bytes, ...], Element("Certificate", BASE64, max_occurs=MAX_SUB_CERTIFICATES)
    ]


@xsd("CertificateChainType", MSG_DATA_TYPES, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChain:
    """A leaf certificate and those above it, DER, without the root; ISO 15118-2 8.5.2.5."""

    id: Annotated[str | None, Attribute("Id")] = None
    certificate: Annotated[bytes, Element("Certificate", BASE64)]
    sub_certificates: Annotated[SubCertificates | None, Element("SubCertificates")] = None


@xsd("ContractSignatureEncryptedPrivateKeyType", MSG_DATA_TYPES, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSignatureEncryptedPrivateKey:
    """The contract key for the vehicle, 16 octets IV and 32 ciphertext; ISO 15118-2 8.5.2.28."""

    id: Annotated[str, Attribute("Id")]
    value: Annotated[bytes, Text(BASE64)]


@xsd("DiffieHellmanPublickeyType", MSG_DATA_TYPES, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class DiffieHellmanPublickey:
    """The sender's ephemeral point, 65 octets uncompressed; ISO 15118-2 8.5.2.29."""

    id: Annotated[str, Attribute("Id")]
    value: Annotated[bytes, Text(BASE64)]


@xsd("EMAIDType", MSG_DATA_TYPES, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class EMAID:
    """The contract's identifier as responses carry it (EMAIDType of MsgDataTypes)."""

    id: Annotated[str, Attribute("Id")]
    value: Annotated[str, Text(STRING)]


@xsd("ListOfRootCertificateIDsType", MSG_DATA_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListOfRootCertificateIDs:
    """The V2G roots that the vehicle holds, at most 20; ISO 15118-2 8.5.2.27."""

    root_certificate_id: Annotated[
        tuple[X509IssuerSerial, ...],
        # EXIficient's grammars of -2, which the field follows, take a bound of 20 as none.
        Element("RootCertificateID", max_occurs=MAX_ROOT_CERTIFICATE_IDS, unrolled=False),
    ]


@xsd("CertificateInstallationReqType", MSG_BODY, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInstallationReq:
    """The vehicle asks for a contract with its provisioning certificate; ISO 15118-2 8.4.3.11.2."""

    id: Annotated[str, Attribute("Id")]
    oem_provisioning_cert: Annotated[bytes, Element("OEMProvisioningCert", BASE64)]
    list_of_root_certificate_ids: Annotated[
        ListOfRootCertificateIDs, Element("ListOfRootCertificateIDs")
    ]


@xsd("CertificateInstallationResType", MSG_BODY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInstallationRes:
    """The contract data for the vehicle, signed by the CPS; ISO 15118-2 8.4.3.11.3."""

    response_code: Annotated[ResponseCode, Element("ResponseCode")]
    sa_provisioning_certificate_chain: Annotated[
        CertificateChain, Element("SAProvisioningCertificateChain")
    ]
    contract_signature_cert_chain: Annotated[
        CertificateChain, Element("ContractSignatureCertChain")
    ]
    contract_signature_encrypted_private_key: Annotated[
        ContractSignatureEncryptedPrivateKey, Element("ContractSignatureEncryptedPrivateKey")
    ]
    dh_publickey: Annotated[DiffieHellmanPublickey, Element("DHpublickey")]
    emaid: Annotated[EMAID, Element("eMAID")]


@xsd("CertificateUpdateReqType", MSG_BODY, attributes_qualified=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUpdateReq:
    """The vehicle asks to renew the contract it holds; ISO 15118-2 8.4.3.10.2."""

    id: Annotated[str, Attribute("Id")]
    contract_signature_cert_chain: Annotated[
        CertificateChain, Element("ContractSignatureCertChain")
    ]
    emaid: Annotated[str, Element("eMAID", STRING)]
    list_of_root_certificate_ids: Annotated[
        ListOfRootCertificateIDs, Element("ListOfRootCertificateIDs")
    ]


@xsd("CertificateUpdateResType", MSG_BODY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUpdateRes:
    """The renewed contract data, signed by the CPS; ISO 15118-2 8.4.3.10.3."""

    response_code: Annotated[ResponseCode, Element("ResponseCode")]
    sa_provisioning_certificate_chain: Annotated[
        CertificateChain, Element("SAProvisioningCertificateChain")
    ]
    contract_signature_cert_chain: Annotated[
        CertificateChain, Element("ContractSignatureCertChain")
    ]
    contract_signature_encrypted_private_key: Annotated[
        ContractSignatureEncryptedPrivateKey, Element("ContractSignatureEncryptedPrivateKey")
    ]
    dh_publickey: Annotated[DiffieHellmanPublickey, Element("DHpublickey")]
    emaid: Annotated[EMAID, Element("eMAID")]
    retry_counter: Annotated[int | None, Element("RetryCounter", SHORT)] = None


BodyElement = (
    CertificateInstallationReq
    | CertificateInstallationRes
    | CertificateUpdateReq
    | CertificateUpdateRes
)


@xsd("V2G_Message", MSG_DEF, element="V2G_Message")
@dataclass(frozen=True, slots=True, kw_only=True)
class V2GMessage:
    """V2G_Message, ISO 15118-2 8.3.2: a header and one body element."""

    header: Annotated[MessageHeader, Element("Header")]
    body: Annotated[BodyElement, Substitution("Body", BODY_ELEMENTS, MSG_BODY)]
