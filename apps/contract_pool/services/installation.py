"""getSignedContractData: a vehicle at a charge point trades its request for contract data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from apps.contract_pool import refusals, requests, serving
from apps.contract_pool.deliveries import deliver, refuse
from apps.contract_pool.models import Delivery
from apps.contract_pool.requests import InstallationRequest
from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid, NotFound
from apps.participants import rights
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g import exi as codec
from v2g.errors import IdError
from v2g.ids import Pcid
from v2g.messages.iso2 import ResponseCode
from v2g.protocol import IsoVersion

NOTHING_FOUND: Final = "Contract or Vehicle not found."

_RESPONSE_CODES: Final = {
    "expired": ResponseCode.FAILED_CERTIFICATE_EXPIRED,
    "revoked": ResponseCode.FAILED_CERTIFICATE_REVOKED,
}
"""For the other reasons of `serving.require_served`, the chain as a whole does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Contract data for a vehicle: the CertificateInstallationRes in EXI, and what it is.

    `meta_data` is what the MO had noted when the contract was concluded.
    """

    exi: bytes
    emaid: str
    root_fingerprint: bytes
    meta_data: str = ""


class NotServed(NotFound):
    """The request is the vehicle's, but there is nothing for it (HTTP 404).

    `response` is the FAILED_... CertificateInstallationRes for the vehicle, in EXI.
    """

    def __init__(self, code: ResponseCode, *, session_id: bytes, message: str = "") -> None:
        super().__init__(code.value, message or NOTHING_FOUND)
        self.response = refusals.failed(code, session_id=session_id)


def install(*, actor: Actor, exi: bytes, version: IsoVersion) -> Installation:
    """Answer a CertificateInstallationReq with the default contract of the vehicle.

    The certificate in the request must be the current one of the PCP and have signed it; the data
    is signed under a V2G root that the vehicle lists; all certificates are valid now, and good by
    their stored status. Each request leaves one Delivery row. Raises Forbidden, Invalid for a
    broken request or signature, NotServed.
    """
    rights.require_role(actor, rights.Operation.CCP_INSTALL)
    now = timezone.now()
    pcid: Pcid | None = None
    try:
        request = requests.read(exi)
        pcid = _pcid(request)
        rights.require(actor, rights.Operation.CCP_INSTALL, wmi=pcid.wmi)
        row, installation = _serve(request, pcid, version, now)
    except DomainError as error:
        refuse(actor, Delivery.Way.INSTALLATION, reason=error.code, pcid=pcid, at=now)
        raise
    deliver(actor, Delivery.Way.INSTALLATION, row, pcid=pcid, at=now)
    return installation


def _pcid(request: InstallationRequest) -> Pcid:
    try:
        return Pcid.parse(request.certificate.common_name)
    except IdError as error:
        raise _nothing(request) from error


def _serve(
    request: InstallationRequest, pcid: Pcid, version: IsoVersion, now: datetime
) -> tuple[serving.Row, Installation]:
    found = serving.of_default(pcid, version=version, now=now)
    known = found[0].vehicle.der if found else _stored_certificate(pcid)
    if known is None:
        raise _nothing(request)
    if known != request.certificate.der:
        raise NotServed(
            ResponseCode.FAILED_CERT_CHAIN_ERROR,
            session_id=request.session_id,
            message="The certificate is not the provisioning certificate of this PCID.",
        )
    picked = serving.pick(found, request.roots)
    if picked is None:
        raise _nothing(request)
    row, root = picked
    try:
        serving.require_served(row, now=now)
    except Invalid as error:
        code = _RESPONSE_CODES.get(error.code, ResponseCode.FAILED_CERT_CHAIN_ERROR)
        raise NotServed(code, session_id=request.session_id, message=error.message) from error
    return row, Installation(
        exi=codec.replace_session_id(row.exi, request.session_id),
        emaid=row.emaid,
        root_fingerprint=root.certificate.fingerprint,
        meta_data=row.meta_data,
    )


def _stored_certificate(pcid: Pcid) -> bytes | None:
    row = ProvisioningCertificate.objects.filter(pcid=str(pcid)).first()
    return bytes(row.der) if row else None


def _nothing(request: InstallationRequest) -> NotServed:
    code = ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE
    return NotServed(code, session_id=request.session_id)
