"""OCSP and CRL of our authorities, open to anybody: certificates name these addresses."""

import base64
import binascii
from urllib.parse import unquote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.core.errors import NotFound
from apps.pki import responding

MAX_REQUEST = 4_000
"""Octets of an OCSP request; one about one certificate has some 150."""


@method_decorator(csrf_exempt, name="dispatch")
class Ocsp(View):
    """POST with the request as body, or GET with it in the path (RFC 6960 appendix A)."""

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request.read(MAX_REQUEST + 1))

    def get(self, request: HttpRequest, encoded: str) -> HttpResponse:
        try:
            asked = base64.b64decode(unquote(encoded)[: 2 * MAX_REQUEST], validate=True)
        except binascii.Error:
            asked = b""  # answered as malformed, like any other rubbish
        return self.answer(asked)

    def answer(self, asked: bytes) -> HttpResponse:
        body = responding.ocsp_response(asked[: MAX_REQUEST + 1], at=timezone.now())
        return HttpResponse(body, content_type="application/ocsp-response")


class Crl(View):
    """The list of one authority in DER."""

    def get(self, request: HttpRequest, authority: UUID) -> HttpResponse:
        try:
            body = responding.revocation_list(authority, at=timezone.now())
        except NotFound as error:
            raise Http404 from error
        return HttpResponse(body, content_type="application/pkix-crl")
