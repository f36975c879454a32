"""Signed contract data as a checked value: what may be stored for a vehicle.

A Bundle comes about in two ways only: `verify` checks what somebody else signed, and the CPS of
this house makes one right after signing it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool import paths, signatures
from apps.contract_pool.paths import CheckedPath
from apps.core.errors import Invalid
from v2g import exi
from v2g.envelope import SealedKey
from v2g.errors import EnvelopeError, ExiError, IdError
from v2g.ids import Emaid
from v2g.messages import iso2
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CONTRACT_LEAF, CPS_LEAF
from v2g.protocol import IsoVersion

STORED_SESSION_ID: Final = b"\x00"
"""The SessionID of stored data; the signature does not cover it."""

CONTRACT_CHAIN: Final = "contractSignatureCertChainSubCertificates list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Contract data that a CPS signed under one V2G root, ready for the vehicle (EXI)."""

    emaid: Emaid
    exi: bytes
    contract: CheckedPath
    signer: CheckedPath
    version: IsoVersion

    @property
    def valid_from(self) -> datetime:
        return max(self.contract.valid_from, self.signer.valid_from)

    @property
    def valid_until(self) -> datetime:
        return min(self.contract.valid_until, self.signer.valid_until)


def verify(message: iso2.V2GMessage, *, version: IsoVersion, at: datetime) -> Bundle:
    """Check contract data that any CPS signed; Invalid says what is wrong.

    The signature covers exactly its four elements and is by the key of the CPS certificate
    [V2G2-925]; both chains reach the RCP, are valid at the instant and not revoked; the encrypted
    key and the DH point have their form; CN and eMAID carry the same text.
    """
    body = message.body
    if not isinstance(body, iso2.CertificateInstallationRes):
        raise Invalid("not_contract_data", "The message is not a CertificateInstallationRes.")
    if body.response_code is not iso2.ResponseCode.OK:
        raise Invalid("not_ok", "The ResponseCode of the message is not OK.")
    signing = paths.read(
        chain_of(body.sa_provisioning_certificate_chain), what="SAProvisioningCertificateChain"
    )
    signatures.require(message, signing[0], whose="the CPS")
    require_envelope(body.contract_signature_encrypted_private_key.value, body.dh_publickey.value)
    contract = paths.read(chain_of(body.contract_signature_cert_chain), what=CONTRACT_CHAIN)
    emaid = emaid_of(contract[0])
    if body.emaid.value != contract[0].common_name:
        raise Invalid("emaid_differs", "The eMAID is not the CN of the contract certificate.")
    return Bundle(
        emaid=emaid,
        exi=stored_form(message),
        contract=paths.check(contract, profile=CONTRACT_LEAF, version=version, at=at),
        signer=paths.check(signing, profile=CPS_LEAF, version=version, at=at),
        version=version,
    )


def chain_of(chain: iso2.CertificateChain) -> Sequence[bytes]:
    """DER, leaf first."""
    sub_cas = chain.sub_certificates.certificate if chain.sub_certificates else ()
    return (chain.certificate, *sub_cas)


def emaid_of(certificate: Certificate) -> Emaid:
    """The EMAID that a contract certificate is for: its CN [V2G2-108]."""
    try:
        return Emaid.parse(certificate.common_name)
    except IdError as error:
        raise Invalid("no_emaid", "The CN of the contract certificate is not an EMAID.") from error


def require_envelope(encrypted_private_key: bytes, dh_public_key: bytes) -> SealedKey:
    """Check 48 octets of encrypted key and 65 of a point on P-256 [V2G2-823]; Invalid otherwise."""
    try:
        sealed = SealedKey(encrypted_private_key, dh_public_key)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), dh_public_key)
    except EnvelopeError as error:
        raise Invalid("envelope", f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    except ValueError as error:
        raise Invalid("envelope", "DH public key: the point is not on P-256.") from error
    return sealed


def stored_form(message: iso2.V2GMessage) -> bytes:
    """EXI with a SessionID of one zero octet; Invalid where the message does not fit the schema."""
    header = replace(message.header, session_id=STORED_SESSION_ID, notification=None)
    try:
        return exi.encode(replace(message, header=header))
    except ExiError as error:
        raise Invalid("exi", f"The message cannot be encoded: {error}.") from error
