"""OCSP from the side of the asker (RFC 6960): requests made, responses verified.

A response counts when the issuer itself signed it, or a responder to which the issuer delegated
this by a certificate of its own with OCSPSigning (4.2.2.2), and when it names the very
certificate and is current.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from v2g.errors import CertificateError, StatusError
from v2g.pki.certificate import Certificate, PublicKey, verifies
from v2g.pki.extensions import OCSP_SIGNING
from v2g.pki.reading import UNREADABLE
from v2g.pki.status import CLOCK_SKEW, Source, Status, StatusAnswer

MAX_SIZE: Final = 64 * 1024
"""Octets of a request or response that is read at all."""

MAX_AGE_WITHOUT_NEXT_UPDATE: Final = timedelta(days=1)

_HASHES: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
ID_HASHES: Final = frozenset(_HASHES)
"""The hashes by which a CertID may name its issuer here."""
_STATUSES: Final = {
    ocsp.OCSPCertStatus.GOOD: Status.GOOD,
    ocsp.OCSPCertStatus.REVOKED: Status.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: Status.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class CertId:
    """How OCSP names a certificate (4.1.1): hashes of its issuer's name and key, and its serial."""

    hash_name: str
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int

    @classmethod
    def of(cls, serial: int, issuer: Certificate, hash_name: str = "sha1") -> "CertId":
        """Name the certificate with the serial number that `issuer` gave."""
        make = _HASHES[hash_name]
        return cls(
            hash_name,
            make(issuer.subject.der).digest(),
            make(key_octets(issuer.public_key)).digest(),
            serial,
        )

    def is_of(self, issuer: Certificate) -> bool:
        """Tell whether it names a certificate of this issuer."""
        return self.hash_name in _HASHES and self == CertId.of(self.serial, issuer, self.hash_name)


def key_octets(public_key: PublicKey) -> bytes:
    """The content of the BIT STRING of a public key, which OCSP hashes."""
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def cert_id_of(parsed: ocsp.OCSPRequest | ocsp.OCSPSingleResponse) -> CertId:
    """Take the CertID out of what `cryptography` parsed; ValueError for an unknown hash."""
    return CertId(
        parsed.hash_algorithm.name,
        parsed.issuer_name_hash,
        parsed.issuer_key_hash,
        parsed.serial_number,
    )


def build_request(
    certificate: Certificate, issuer: Certificate, *, nonce: bytes | None = None
) -> bytes:
    """Make the DER of a request about one certificate; its issuer is named by SHA-1 (RFC 5019)."""
    return build_request_for(certificate.serial, issuer, nonce=nonce)


def build_request_for(serial: int, issuer: Certificate, *, nonce: bytes | None = None) -> bytes:
    """Make the same for a certificate of which only the serial number is at hand."""
    name = CertId.of(serial, issuer)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        name.issuer_name_hash,
        name.issuer_key_hash,
        name.serial,
        hashes.SHA1(),  # noqa: S303  # a name, not a signature; the one hash that all know
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def read_response(
    data: bytes,
    *,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
    nonce: bytes | None = None,
) -> StatusAnswer:
    """Verify the response about a certificate of `issuer` at the instant `at`.

    A nonce that the responder leaves out is accepted (RFC 5019), another one is not. StatusError
    tells why a response does not count.
    """
    return read_response_about(data, serial=certificate.serial, issuer=issuer, at=at, nonce=nonce)


def read_response_about(
    data: bytes, *, serial: int, issuer: Certificate, at: datetime, nonce: bytes | None = None
) -> StatusAnswer:
    """Verify the same for a certificate of which only the serial number is at hand."""
    try:
        return _verify(_parse(data), serial, issuer, at, nonce)
    except UNREADABLE as error:
        raise StatusError("the OCSP response cannot be read") from error


def _verify(
    response: ocsp.OCSPResponse,
    serial: int,
    issuer: Certificate,
    at: datetime,
    nonce: bytes | None,
) -> StatusAnswer:
    signer = _signer(response, issuer, at)
    algorithm = response.signature_hash_algorithm
    if not verifies(
        signer.public_key,
        response.signature,
        response.tbs_response_bytes,
        algorithm.name if algorithm else "",
    ):
        raise StatusError("the OCSP response is not signed by its responder")
    _require_nonce(response, nonce)
    single = _single(response, serial, issuer)
    _require_current(single, at)
    reason = single.revocation_reason
    return StatusAnswer(
        serial=serial,
        status=_STATUSES[single.certificate_status],
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        source=Source.OCSP,
        revoked_at=single.revocation_time_utc,
        reason=reason.value if reason else "",
    )


def _parse(data: bytes) -> ocsp.OCSPResponse:
    if len(data) > MAX_SIZE:
        raise StatusError("the OCSP response is over 64 KB")
    response = ocsp.load_der_ocsp_response(data)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        name = response.response_status.name.lower().replace("_", " ")
        raise StatusError(f"the OCSP responder gave no answer: {name}")
    return response


def _signer(response: ocsp.OCSPResponse, issuer: Certificate, at: datetime) -> Certificate:
    """The issuer, or the delegate named by the response, with every rule of delegation checked."""
    if _names(response, issuer):
        return issuer
    for attached in response.certificates:
        try:
            delegate = Certificate.from_der(attached.public_bytes(Encoding.DER))
        except CertificateError:
            continue
        if _names(response, delegate) and _is_delegate(delegate, issuer, at):
            return delegate
    raise StatusError("the OCSP responder is neither the issuer nor delegated by it")


def _names(response: ocsp.OCSPResponse, certificate: Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name.public_bytes() == certificate.subject.der
    digest = hashlib.sha1(key_octets(certificate.public_key)).digest()  # noqa: S324  # a name
    return response.responder_key_hash == digest


def _is_delegate(delegate: Certificate, issuer: Certificate, at: datetime) -> bool:
    usage = delegate.extensions.key_usage
    return (
        not delegate.encoding_fault
        and OCSP_SIGNING in (delegate.extensions.extended_key_usage or ())
        and (usage is None or bool(usage & {"digitalSignature", "nonRepudiation"}))
        and not delegate.extensions.not_understood
        and delegate.is_valid_at(at)
        and delegate.issuer.der == issuer.subject.der
        and delegate.is_signed_by(issuer.public_key)
    )


def _require_nonce(response: ocsp.OCSPResponse, nonce: bytes | None) -> None:
    try:
        given = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return
    if nonce is not None and given != nonce:
        raise StatusError("the OCSP response answers another request")


def _single(
    response: ocsp.OCSPResponse, serial: int, issuer: Certificate
) -> ocsp.OCSPSingleResponse:
    for single in response.responses:
        name = cert_id_of(single)
        if name.serial == serial and name.is_of(issuer):
            return single
    raise StatusError("the OCSP response is about another certificate")


def _require_current(single: ocsp.OCSPSingleResponse, at: datetime) -> None:
    this_update, next_update = single.this_update_utc, single.next_update_utc
    if this_update > at + CLOCK_SKEW:
        raise StatusError("the OCSP response is of the future")
    end = next_update or this_update + MAX_AGE_WITHOUT_NEXT_UPDATE
    if end < at:
        raise StatusError("the OCSP response is out of date")
