"""GET /.well-known/jwks.json: the public keys that verify access tokens."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from apps.participants import tokens


@require_safe
def key_set(request: HttpRequest) -> JsonResponse:
    """Answer with the current key and, during a roll, the one before (RFC 7517)."""
    response = JsonResponse({"keys": tokens.published()})
    response["Cache-Control"] = "public, max-age=300"
    return response
