"""GET and POST /pki/ocsp: the status of our certificates (RFC 6960 appendix A, RFC 5019)."""

import base64
from typing import Final
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from apps.pki import services

MAX_REQUEST: Final = 4_000
"""Octets of a request; one about one certificate has some 150."""
SHARED: Final = "public, max-age=300, no-transform, must-revalidate"
"""A cache between us and the asker may hide a revocation for five minutes."""


@csrf_exempt
@require_POST
def post(request: HttpRequest) -> HttpResponse:
    """Answer the request in the body; whatever answers a POST is not kept by caches."""
    return _answered(request.read(MAX_REQUEST + 1), cacheable=False)


@require_GET
def get(request: HttpRequest, encoded: str) -> HttpResponse:
    """Answer the request in the path, base64 of the DER."""
    try:
        asked = base64.b64decode(unquote(encoded)[: 2 * MAX_REQUEST], validate=True)
    except ValueError:  # binascii.Error, and text that is not ASCII
        asked = b""  # answered as malformed, like any other rubbish
    return _answered(asked, cacheable=True)


def _answered(asked: bytes, *, cacheable: bool) -> HttpResponse:
    request = asked if len(asked) <= MAX_REQUEST else b""
    answer = services.answer_ocsp(request=request, at=timezone.now())
    response = HttpResponse(answer.der, content_type="application/ocsp-response")
    response["Cache-Control"] = SHARED if cacheable and answer.shared else "no-store"
    return response
