"""Asking the issuer of a certificate what became of it (RFC 6960)."""

from datetime import UTC, datetime

import httpx

from apps.demo.lifecycle.backends import require
from v2g.pki import ocsp
from v2g.pki.certificate import Certificate
from v2g.pki.status import Status, StatusAnswer


def require_status(
    expected: Status, leaf: Certificate, issuer: Certificate, http: httpx.Client
) -> StatusAnswer:
    """Ask the responder that the certificate names; StepFailed unless it says what is expected."""
    require(bool(leaf.extensions.ocsp_urls), "the certificate names no OCSP responder")
    answer = http.post(
        leaf.extensions.ocsp_urls[0],
        content=ocsp.build_request(leaf, issuer),
        headers={"Content-Type": "application/ocsp-request"},
    )
    require(answer.status_code == 200, f"the OCSP responder answered {answer.status_code}")
    found = ocsp.read_response(
        answer.content, certificate=leaf, issuer=issuer, at=datetime.now(UTC)
    )
    require(found.status is expected, f"OCSP says {found.status.value}, not {expected.value}")
    return found
