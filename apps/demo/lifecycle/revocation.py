"""Asking the issuer of a certificate whether it was revoked (RFC 6960)."""

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from apps.demo.lifecycle.backends import require
from v2g.pki.certificate import Certificate


def require_revoked(leaf: Certificate, issuer: Certificate, http: httpx.Client) -> None:
    """Ask the responder that the certificate names; StepFailed unless it says revoked."""
    parsed = x509.load_der_x509_certificate(leaf.der)
    issued_by = x509.load_der_x509_certificate(issuer.der)
    asked = ocsp.OCSPRequestBuilder().add_certificate(parsed, issued_by, hashes.SHA256()).build()
    access = parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    answer = http.post(
        access[0].access_location.value,
        content=asked.public_bytes(Encoding.DER),
        headers={"Content-Type": "application/ocsp-request"},
    )
    require(answer.status_code == 200, f"the OCSP responder answered {answer.status_code}")
    response = ocsp.load_der_ocsp_response(answer.content)
    status = response.certificate_status
    require(status is ocsp.OCSPCertStatus.REVOKED, f"the certificate is {status.name}")
