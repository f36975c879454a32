"""CertificateInstallationReq of a vehicle: read, and its signature verified."""

from dataclasses import dataclass
from typing import Final

from apps.contract_pool import signatures
from apps.core.errors import Invalid
from v2g import exi
from v2g.errors import CertificateError, ExiError
from v2g.messages import iso2
from v2g.messages.xmldsig import X509IssuerSerial
from v2g.pki.certificate import Certificate
from v2g.pki.names import NameKey, name_key

EXI_INVALID: Final = "EXI format is invalid!"
MAX_SESSION_ID: Final = 8

RootName = tuple[NameKey, int]
"""A root as vehicles name it: its DN in a form where spellings compare, and its serial number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRequest:
    """What a vehicle asks with: its provisioning certificate and the V2G roots it holds."""

    session_id: bytes
    certificate: Certificate
    roots: frozenset[RootName]


def read(stream: bytes) -> InstallationRequest:
    """Decode the EXI and verify that the key of the certificate in it signed the request.

    Whether that certificate is the one of the pool is for the caller to compare; only then is the
    request the vehicle's [V2G2-894]. Raises Invalid: `exi`, `signature`.
    """
    try:
        message = exi.decode(stream)
    except ExiError as error:
        raise Invalid("exi", EXI_INVALID) from error
    body, session_id = message.body, message.header.session_id
    if not isinstance(body, iso2.CertificateInstallationReq) or len(session_id) > MAX_SESSION_ID:
        raise Invalid("exi", EXI_INVALID)
    try:
        certificate = Certificate.from_der(body.oem_provisioning_cert)
    except CertificateError as error:
        raise Invalid("certificate", "Invalid certificate format on vehicleCertificate") from error
    signatures.require(message, certificate, whose="the request")
    return InstallationRequest(
        session_id=session_id,
        certificate=certificate,
        roots=_named(body.list_of_root_certificate_ids.root_certificate_id),
    )


def _named(listed: tuple[X509IssuerSerial, ...]) -> frozenset[RootName]:
    """The roots that can be read; a vehicle that spells one wrongly still has the others."""
    found = set()
    for one in listed:
        try:
            found.add((name_key(one.issuer_name), one.serial_number))
        except CertificateError:
            continue
    return frozenset(found)
