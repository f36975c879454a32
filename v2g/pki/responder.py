"""OCSP from the side of the responder (RFC 6960): requests read, responses made."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from v2g.errors import StatusError
from v2g.pki.certificate import Certificate
from v2g.pki.crl import reason_flag
from v2g.pki.ocsp import MAX_SIZE, CertId, cert_id_of
from v2g.pki.reading import UNREADABLE
from v2g.pki.status import Status
from v2g.protocol import IsoVersion

MAX_NONCE: Final = 32
"""Octets of a nonce that is echoed (RFC 8954)."""
MAX_SERIAL_BITS: Final = 160
"""Bits of a serial number (RFC 5280 4.1.2.2 allows 20 octets)."""

_ID_HASHES: Final = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}
_STATUSES: Final = {
    Status.GOOD: ocsp.OCSPCertStatus.GOOD,
    Status.REVOKED: ocsp.OCSPCertStatus.REVOKED,
    Status.UNKNOWN: ocsp.OCSPCertStatus.UNKNOWN,
}


class Refusal(Enum):
    """Responses without an answer (4.2.1); they are not signed."""

    MALFORMED = ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    INTERNAL_ERROR = ocsp.OCSPResponseStatus.INTERNAL_ERROR
    TRY_LATER = ocsp.OCSPResponseStatus.TRY_LATER
    UNAUTHORIZED = ocsp.OCSPResponseStatus.UNAUTHORIZED


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks: the status of one certificate, perhaps with a nonce to echo."""

    cert_id: CertId
    nonce: bytes | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the responder says of the certificate. `reason` is a name of RFC 5280 5.3.1 or empty."""

    status: Status
    this_update: datetime
    next_update: datetime
    revoked_at: datetime | None = None
    reason: str = ""


def read_request(data: bytes) -> Query:
    """Read a request about one certificate; StatusError for other forms and over 64 KB."""
    if len(data) > MAX_SIZE:
        raise StatusError("the OCSP request is over 64 KB")
    try:
        request = ocsp.load_der_ocsp_request(data)
        cert_id = cert_id_of(request)
        extensions = request.extensions
    except UNREADABLE as error:
        raise StatusError("the OCSP request cannot be read") from error
    if not 0 <= cert_id.serial < 1 << MAX_SERIAL_BITS:
        raise StatusError("the OCSP request names a serial number that no certificate has")
    if any(extension.critical for extension in extensions):
        raise StatusError("the OCSP request has a critical extension")
    if cert_id.hash_name not in _ID_HASHES:
        raise StatusError("the OCSP request names its issuer by an unknown hash")
    try:
        nonce = extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return Query(cert_id, None)
    if not 1 <= len(nonce) <= MAX_NONCE:
        raise StatusError("the nonce of the OCSP request must have 1 to 32 octets")
    return Query(cert_id, nonce)


def build_response(
    query: Query,
    reply: Reply,
    *,
    responder: Certificate,
    signing_key: ec.EllipticCurvePrivateKey,
    version: IsoVersion,
    attach_responder: bool = True,
) -> bytes:
    """Make the DER of the signed response; without a delegate the issuer is the `responder`.

    A delegate's certificate is attached, the issuer's own need not be. producedAt is the time of
    the machine that signs: `cryptography` sets it.
    """
    certificate = x509.load_der_x509_certificate(responder.der)
    revoked = reply.status is Status.REVOKED
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=query.cert_id.issuer_name_hash,
            issuer_key_hash=query.cert_id.issuer_key_hash,
            serial_number=query.cert_id.serial,
            algorithm=_ID_HASHES[query.cert_id.hash_name](),
            cert_status=_STATUSES[reply.status],
            this_update=reply.this_update,
            next_update=reply.next_update,
            revocation_time=reply.revoked_at if revoked else None,
            revocation_reason=reason_flag(reply.reason) if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
    )
    if attach_responder:
        builder = builder.certificates([certificate])
    if query.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(query.nonce), critical=False)
    try:
        return builder.sign(signing_key, version.hash_algorithm).public_bytes(Encoding.DER)
    except ValueError as error:
        raise StatusError("the signing key is not the key of the responder") from error


def build_refusal(refusal: Refusal) -> bytes:
    """Make the DER of a response that gives no answer."""
    return ocsp.OCSPResponseBuilder.build_unsuccessful(refusal.value).public_bytes(Encoding.DER)
