"""What a demo CA says about its certificates: CRL (RFC 5280) and OCSP (RFC 6960)."""

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from apps.demo.pki import Holder

GOOD_FOR: Final = timedelta(days=7)


def crl(ca: Holder, revoked: dict[int, datetime], *, at: datetime) -> bytes:
    """Return the CA's CRL in DER, numbered by the second it was made in."""
    issuer = x509.load_der_x509_certificate(ca.certificate.der)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(at)
        .next_update(at + GOOD_FOR)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(_key_identifier(issuer), critical=False)
    )
    for serial, since in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)


def ocsp_answer(ca: Holder, revoked: dict[int, datetime], request: bytes, *, at: datetime) -> bytes:
    """Answer an OCSP request in DER; a request for another CA is unauthorized."""
    try:
        asked = ocsp.load_der_ocsp_request(request)
    except ValueError:
        return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    issuer = x509.load_der_x509_certificate(ca.certificate.der)
    if asked.issuer_key_hash != _key_hash(issuer, asked.hash_algorithm):
        return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    since = revoked.get(asked.serial_number)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD,
        this_update=at,
        next_update=at + GOOD_FOR,
        revocation_time=since,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _key_hash(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """The hash of the key's bits alone (RFC 6960 4.1.1), in the algorithm that the client chose."""
    found = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, algorithm)
    return found.build().issuer_key_hash


def _refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
