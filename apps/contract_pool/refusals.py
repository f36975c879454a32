"""CertificateInstallationRes that tells a vehicle why it gets no contract."""

from typing import Final

from v2g import exi
from v2g.messages import iso2
from v2g.messages.iso2 import ResponseCode

DUMMY_CERTIFICATE: Final = b"\x00"
DUMMY_TEXT: Final = "0"


def failed(code: ResponseCode, *, session_id: bytes) -> bytes:
    """Return the EXI of a response with this FAILED_... code and the vehicle's SessionID.

    The mandatory fields hold dummies of one octet or character, as deployed ecosystems send them,
    and a Notification stands in the header (PROTOCOL notes, section 5).
    """
    notification = iso2.Notification(fault_code=iso2.FaultCode.UNKNOWN_ERROR, fault_msg=code.value)
    header = iso2.MessageHeader(session_id=session_id, notification=notification)
    return exi.encode(iso2.V2GMessage(header=header, body=_body(code)))


def _body(code: ResponseCode) -> iso2.CertificateInstallationRes:
    chain = iso2.CertificateChain(certificate=DUMMY_CERTIFICATE)
    return iso2.CertificateInstallationRes(
        response_code=code,
        sa_provisioning_certificate_chain=chain,
        contract_signature_cert_chain=chain,
        contract_signature_encrypted_private_key=iso2.ContractSignatureEncryptedPrivateKey(
            id=DUMMY_TEXT, value=DUMMY_CERTIFICATE
        ),
        dh_publickey=iso2.DiffieHellmanPublickey(id=DUMMY_TEXT, value=DUMMY_CERTIFICATE),
        emaid=iso2.EMAID(id=DUMMY_TEXT, value=DUMMY_TEXT),
    )
