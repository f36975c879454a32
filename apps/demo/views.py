"""The sandbox: what made-up parties answer for themselves."""

import base64
from datetime import datetime
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponse
from django.views import View

from apps.demo import pki, status
from apps.demo.guard import require_sandbox
from apps.demo.pki import Holder

MAX_REQUEST = 2_000
"""Octets of an OCSP request about one certificate."""


class DemoAuthority(View):
    """One demo CA; 404 where there is none, an error outside a sandbox."""

    def ca(self) -> tuple[Holder, dict[int, datetime]]:
        require_sandbox()
        try:
            return pki.issuer(self.kwargs["slug"], self.kwargs["level"])
        except LookupError as error:
            raise Http404 from error


class Crl(DemoAuthority):
    def get(self, request: HttpRequest, slug: str, level: str) -> HttpResponse:
        ca, revoked = self.ca()
        body = status.revocation_list(ca, revoked, at=status.now())
        return HttpResponse(body, content_type="application/pkix-crl")


class Ocsp(DemoAuthority):
    """POST with the request as body, or GET with it in the path (RFC 6960 appendix A)."""

    def post(self, request: HttpRequest, slug: str, level: str) -> HttpResponse:
        return self.answer(request.read(MAX_REQUEST))

    def get(self, request: HttpRequest, slug: str, level: str, encoded: str = "") -> HttpResponse:
        try:
            return self.answer(base64.b64decode(unquote(encoded)[: 2 * MAX_REQUEST]))
        except ValueError as error:
            raise Http404 from error

    def answer(self, asked: bytes) -> HttpResponse:
        ca, revoked = self.ca()
        body = status.ocsp_answer(ca, revoked, asked, at=status.now())
        return HttpResponse(body, content_type="application/ocsp-response")
