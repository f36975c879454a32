"""Contract data becomes a signed CertificateInstallationRes (ISO 15118-2 7.9.2.4, 8.4.3.11.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool.bundles import STORED_SESSION_ID, Bundle, stored_form
from apps.contract_pool.paths import CheckedPath
from v2g import signature
from v2g.envelope import SealedKey
from v2g.ids import Emaid
from v2g.messages import iso2
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadySigner:
    """A CPS certificate of ours that signs now, with its key by reference."""

    path: CheckedPath
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """What one signer made: the message (for its XML) and the bundle (for the pool)."""

    message: iso2.V2GMessage
    bundle: Bundle


def sign(
    *, contract: CheckedPath, emaid: Emaid, sealed: SealedKey, signer: ReadySigner
) -> SignedData:
    """Sign contract data with one CPS certificate; never inside a transaction.

    The eMAID element carries the text of the certificate's CN.
    """
    chain = (contract.chain.leaf, *contract.chain.sub_cas)
    body = iso2.CertificateInstallationRes(
        response_code=iso2.ResponseCode.OK,
        sa_provisioning_certificate_chain=_chain(signer.path),
        contract_signature_cert_chain=_chain(contract, identifier=signature.CHAIN_ID),
        contract_signature_encrypted_private_key=iso2.ContractSignatureEncryptedPrivateKey(
            id=signature.KEY_ID, value=sealed.encrypted_private_key
        ),
        dh_publickey=iso2.DiffieHellmanPublickey(id=signature.DH_ID, value=sealed.dh_public_key),
        emaid=iso2.EMAID(id=signature.EMAID_ID, value=chain[0].common_name),
    )
    header = iso2.MessageHeader(session_id=STORED_SESSION_ID)
    message = signature.sign(iso2.V2GMessage(header=header, body=body), signer.key)
    bundle = Bundle(
        emaid=emaid,
        exi=stored_form(message),
        contract=contract,
        signer=signer.path,
        version=IsoVersion.ISO_2,
    )
    return SignedData(message=message, bundle=bundle)


def _chain(path: CheckedPath, *, identifier: str | None = None) -> iso2.CertificateChain:
    above: Sequence[bytes] = [certificate.der for certificate in path.chain.sub_cas]
    return iso2.CertificateChain(
        id=identifier,
        certificate=path.leaf.der,
        sub_certificates=iso2.SubCertificates(certificate=tuple(above)),
    )
