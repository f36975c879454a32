"""GET /pki/crl/{authority}.crl: the list of one authority in DER (RFC 5280 5, RFC 2585)."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views import View

from apps.core.actor import system
from apps.core.errors import NotFound
from apps.pki import services

MAX_AGE_S: Final = 300
"""How long a cache between us and the reader may hide a revocation."""


class Crl(View):
    """The newest list; its number is its ETag, because no number is stored twice."""

    def get(self, request: HttpRequest, authority: UUID) -> HttpResponseBase:
        try:
            crl = services.current_crl(actor=system("pki.crl"), authority=authority)
        except NotFound as error:
            raise Http404 from error
        response = HttpResponse(bytes(crl.der or b""), content_type="application/pkix-crl")
        response["ETag"] = f'"{crl.number}"'
        response["Cache-Control"] = f"public, max-age={MAX_AGE_S}, must-revalidate"
        found = get_conditional_response(request, etag=response["ETag"], response=response)
        return response if found is None else found
