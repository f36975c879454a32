"""GET and POST /pki/ocsp: the status of our certificates (RFC 6960 appendix A, RFC 5019)."""

import base64
import binascii
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.pki import services

MAX_REQUEST: Final = 4_000
"""Octets of a request; one about one certificate has some 150."""
MAX_AGE_S: Final = 300
"""How long a cache between us and the asker may hide a revocation."""


@method_decorator(csrf_exempt, name="dispatch")
class Ocsp(View):
    """POST with the request as body, or GET with it in the path."""

    def post(self, request: HttpRequest) -> HttpResponse:
        return _answered(request.read(MAX_REQUEST + 1), at=timezone.now())

    def get(self, request: HttpRequest, encoded: str) -> HttpResponse:
        try:
            asked = base64.b64decode(unquote(encoded)[: 2 * MAX_REQUEST], validate=True)
        except binascii.Error:
            asked = b""  # answered as malformed, like any other rubbish
        return _answered(asked, at=timezone.now(), cacheable=True)


def _answered(asked: bytes, *, at: datetime, cacheable: bool = False) -> HttpResponse:
    answer = services.answer_ocsp(request=asked if len(asked) <= MAX_REQUEST else b"", at=at)
    response = HttpResponse(answer.der, content_type="application/ocsp-response")
    age = min(MAX_AGE_S, int((answer.until - at).total_seconds())) if answer.until else 0
    response["Cache-Control"] = (
        f"public, max-age={age}, no-transform, must-revalidate" if cacheable and age else "no-store"
    )
    return response
