"""The certificate messages of ISO 15118-20:2022 (V2G_CI_CommonMessages, V2G_CI_CommonTypes).

The header lives in CommonTypes, the messages in CommonMessages. As in -2, lengths are not enforced
here.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

from v2g.messages.schema import (
    BASE64,
    HEX,
    STRING,
    UNSIGNED_BYTE,
    UNSIGNED_LONG,
    Attribute,
    Element,
    xsd,
)
from v2g.messages.xmldsig import XMLDSIG, Signature, X509IssuerSerial
from v2g.protocol import ISO_20_COMMON_MESSAGES

COMMON_MESSAGES: Final = ISO_20_COMMON_MESSAGES
COMMON_TYPES: Final = "urn:iso:std:iso:15118:-20:CommonTypes"

MAX_ROOT_CERTIFICATE_IDS: Final = 20
MAX_SUB_CERTIFICATES: Final = 3
MAX_EMAIDS: Final = 8


class ResponseCode(Enum):
    """responseCodeType of CommonTypes; the order is that of the XSD."""

    OK = "OK"
    OK_CERTIFICATE_EXPIRES_SOON = "OK_CertificateExpiresSoon"
    OK_NEW_SESSION_ESTABLISHED = "OK_NewSessionEstablished"
    OK_OLD_SESSION_JOINED = "OK_OldSessionJoined"
    OK_POWER_TOLERANCE_CONFIRMED = "OK_PowerToleranceConfirmed"
    WARNING_AUTHORIZATION_SELECTION_INVALID = "WARNING_AuthorizationSelectionInvalid"
    WARNING_CERTIFICATE_EXPIRED = "WARNING_CertificateExpired"
    WARNING_CERTIFICATE_NOT_YET_VALID = "WARNING_CertificateNotYetValid"
    WARNING_CERTIFICATE_REVOKED = "WARNING_CertificateRevoked"
    WARNING_CERTIFICATE_VALIDATION_ERROR = "WARNING_CertificateValidationError"
    WARNING_CHALLENGE_INVALID = "WARNING_ChallengeInvalid"
    WARNING_EIM_AUTHORIZATION_FAILURE = "WARNING_EIMAuthorizationFailure"
    WARNING_EMSP_UNKNOWN = "WARNING_eMSPUnknown"
    WARNING_EV_POWER_PROFILE_VIOLATION = "WARNING_EVPowerProfileViolation"
    WARNING_GENERAL_PNC_AUTHORIZATION_ERROR = "WARNING_GeneralPnCAuthorizationError"
    WARNING_NO_CERTIFICATE_AVAILABLE = "WARNING_NoCertificateAvailable"
    WARNING_NO_CONTRACT_MATCHING_PCID_FOUND = "WARNING_NoContractMatchingPCIDFound"
    WARNING_POWER_TOLERANCE_NOT_CONFIRMED = "WARNING_PowerToleranceNotConfirmed"
    WARNING_SCHEDULE_RENEGOTIATION_FAILED = "WARNING_ScheduleRenegotiationFailed"
    WARNING_STANDBY_NOT_ALLOWED = "WARNING_StandbyNotAllowed"
    WARNING_WPT = "WARNING_WPT"
    FAILED = "FAILED"
    FAILED_ASSOCIATION_ERROR = "FAILED_AssociationError"
    FAILED_CONTACTOR_ERROR = "FAILED_ContactorError"
    FAILED_EV_POWER_PROFILE_INVALID = "FAILED_EVPowerProfileInvalid"
    FAILED_EV_POWER_PROFILE_VIOLATION = "FAILED_EVPowerProfileViolation"
    FAILED_METERING_SIGNATURE_NOT_VALID = "FAILED_MeteringSignatureNotValid"
    FAILED_NO_ENERGY_TRANSFER_SERVICE_SELECTED = "FAILED_NoEnergyTransferServiceSelected"
    FAILED_NO_SERVICE_RENEGOTIATION_SUPPORTED = "FAILED_NoServiceRenegotiationSupported"
    FAILED_PAUSE_NOT_ALLOWED = "FAILED_PauseNotAllowed"
    FAILED_POWER_DELIVERY_NOT_APPLIED = "FAILED_PowerDeliveryNotApplied"
    FAILED_POWER_TOLERANCE_NOT_CONFIRMED = "FAILED_PowerToleranceNotConfirmed"
    FAILED_SCHEDULE_RENEGOTIATION = "FAILED_ScheduleRenegotiation"
    FAILED_SCHEDULE_SELECTION_INVALID = "FAILED_ScheduleSelectionInvalid"
    FAILED_SEQUENCE_ERROR = "FAILED_SequenceError"
    FAILED_SERVICE_ID_INVALID = "FAILED_ServiceIDInvalid"
    FAILED_SERVICE_SELECTION_INVALID = "FAILED_ServiceSelectionInvalid"
    FAILED_SIGNATURE_ERROR = "FAILED_SignatureError"
    FAILED_UNKNOWN_SESSION = "FAILED_UnknownSession"
    FAILED_WRONG_CHARGE_PARAMETER = "FAILED_WrongChargeParameter"


class Processing(Enum):
    """processingType of CommonTypes."""

    FINISHED = "Finished"
    ONGOING = "Ongoing"
    ONGOING_WAITING_FOR_CUSTOMER_INTERACTION = "Ongoing_WaitingForCustomerInteraction"


class ECDHCurve(Enum):
    """ecdhCurveType of CommonMessages."""

    SECP521 = "SECP521"
    X448 = "X448"


@xsd("MessageHeaderType", COMMON_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeader:
    """The header of every message, ISO 15118-20 8.3.3. SessionID is 8 octets, TimeStamp seconds."""

    session_id: Annotated[bytes, Element("SessionID", HEX)]
    time_stamp: Annotated[int, Element("TimeStamp", UNSIGNED_LONG)]
    signature: Annotated[Signature | None, Element("Signature", namespace=XMLDSIG)] = None


@xsd("SubCertificatesType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubCertificates:
    """Sub-CA certificates, DER, without the root."""

    certificate: Annotated[
        tuple[bytes, ...], Element("Certificate", BASE64, max_occurs=MAX_SUB_CERTIFICATES)
    ]


@xsd("CertificateChainType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChain:
    """A leaf certificate and those above it, DER; ISO 15118-20 8.3.5.3.3."""

    certificate: Annotated[bytes, Element("Certificate", BASE64)]
    sub_certificates: Annotated[SubCertificates | None, Element("SubCertificates")] = None


@xsd("SignedCertificateChainType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCertificateChain:
    """The vehicle's provisioning certificate and those above it; ISO 15118-20 8.3.5.3.4."""

    id: Annotated[str, Attribute("Id")]
    certificate: Annotated[bytes, Element("Certificate", BASE64)]
    sub_certificates: Annotated[SubCertificates | None, Element("SubCertificates")] = None


@xsd("ContractCertificateChainType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCertificateChain:
    """The contract certificate and those above it; ISO 15118-20 8.3.5.3.5."""

    certificate: Annotated[bytes, Element("Certificate", BASE64)]
    sub_certificates: Annotated[SubCertificates, Element("SubCertificates")]


@xsd("ListOfRootCertificateIDsType", COMMON_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListOfRootCertificateIDs:
    """The V2G roots that the vehicle holds, at most 20; ISO 15118-20 8.3.5.3.27."""

    root_certificate_id: Annotated[
        tuple[X509IssuerSerial, ...],
        Element("RootCertificateID", max_occurs=MAX_ROOT_CERTIFICATE_IDS),
    ]


@xsd("EMAIDListType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class EMAIDList:
    """The contracts the vehicle would like, most wanted first, at most 8."""

    emaid: Annotated[tuple[str, ...], Element("EMAID", STRING, max_occurs=MAX_EMAIDS)]


@xsd("SignedInstallationDataType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInstallationData:
    """Contract data for the vehicle; ISO 15118-20 8.3.5.3.39. One of the three keys is present."""

    id: Annotated[str, Attribute("Id")]
    contract_certificate_chain: Annotated[
        ContractCertificateChain, Element("ContractCertificateChain")
    ]
    ecdh_curve: Annotated[ECDHCurve, Element("ECDHCurve")]
    dh_public_key: Annotated[bytes, Element("DHPublicKey", BASE64)]
    secp521_encrypted_private_key: Annotated[
        bytes | None, Element("SECP521_EncryptedPrivateKey", BASE64, choice="key")
    ] = None
    x448_encrypted_private_key: Annotated[
        bytes | None, Element("X448_EncryptedPrivateKey", BASE64, choice="key")
    ] = None
    tpm_encrypted_private_key: Annotated[
        bytes | None, Element("TPM_EncryptedPrivateKey", BASE64, choice="key")
    ] = None


@xsd("CertificateInstallationReqType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInstallationReq:
    """The vehicle asks for contracts; ISO 15118-20 8.3.4.3.9.2."""

    header: Annotated[MessageHeader, Element("Header", namespace=COMMON_TYPES)]
    oem_provisioning_certificate_chain: Annotated[
        SignedCertificateChain, Element("OEMProvisioningCertificateChain")
    ]
    list_of_root_certificate_ids: Annotated[
        ListOfRootCertificateIDs, Element("ListOfRootCertificateIDs")
    ]
    maximum_contract_certificate_chains: Annotated[
        int, Element("MaximumContractCertificateChains", UNSIGNED_BYTE)
    ]
    prioritized_emaids: Annotated[EMAIDList | None, Element("PrioritizedEMAIDs")] = None


@xsd("CertificateInstallationResType", COMMON_MESSAGES)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInstallationRes:
    """Contract data for the vehicle, signed by the CPS; ISO 15118-20 8.3.4.3.9.3."""

    header: Annotated[MessageHeader, Element("Header", namespace=COMMON_TYPES)]
    response_code: Annotated[ResponseCode, Element("ResponseCode", namespace=COMMON_TYPES)]
    evse_processing: Annotated[Processing, Element("EVSEProcessing")]
    cps_certificate_chain: Annotated[CertificateChain, Element("CPSCertificateChain")]
    signed_installation_data: Annotated[SignedInstallationData, Element("SignedInstallationData")]
    remaining_contract_certificate_chains: Annotated[
        int, Element("RemainingContractCertificateChains", UNSIGNED_BYTE)
    ]
