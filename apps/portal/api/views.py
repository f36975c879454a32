"""The document for machines, the page for people; both are open to everybody."""

import json
from functools import cache
from typing import Final

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiYamlRenderer

from apps.portal.api.document import document

_YAML: Final = "application/yaml"
# Swagger draws its icons from data: addresses and sets styles of its own.
_POLICY: Final = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """GET /v1/schema: JSON, or YAML with `?format=yaml` or where Accept asks for it."""
    wanted = request.GET.get("format") or request.headers.get("Accept", "")
    as_yaml = "yaml" in wanted.lower()
    response = HttpResponse(
        _as_yaml() if as_yaml else _as_json(),
        content_type=_YAML if as_yaml else "application/json",
    )
    response["Cache-Control"] = "public, max-age=300"
    response["Vary"] = "Accept"
    return response


@csp(_POLICY)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """GET /docs/api: Swagger, from our own static files."""
    return render(request, "portal/api.html")


@cache
def _as_json() -> bytes:
    return json.dumps(document()).encode()


@cache
def _as_yaml() -> bytes:
    rendered: bytes = OpenApiYamlRenderer().render(document())  # type: ignore[no-untyped-call]  # untyped library
    return rendered
