"""Every route for machines, found by looking, so that a forgotten one is noticed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from apps.pki.api.est import Est

OPEN: Final = {
    "livez",
    "readyz",
    "readyz/web",
    "metrics",
    "oauth/token",
    ".well-known/jwks.json",
    "pki/ocsp",
    "pki/ocsp/<path:encoded>",
    "pki/crl/<uuid:authority>.crl",
    "v1/schema",
    "sandbox/pki/<slug:slug>/<slug:level>/crl",
    "sandbox/pki/<slug:slug>/<slug:level>/ocsp",
    "sandbox/pki/<slug:slug>/<slug:level>/ocsp/<path:encoded>",
}
"""Routes that anybody may call: they tell public things, or are how one gets a token."""

_EST: Final = re.compile(r"([a-z]+)\(\?:/\(\?P<first>")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def guarded() -> dict[tuple[str, str], Operation | None]:
    """Map method and route to the operation of the view; None where EST's label decides."""
    found: dict[tuple[str, str], Operation | None] = {}
    for route, view in _machine_routes():
        if route in OPEN:
            continue
        cls: Any = getattr(view, "cls", None) or getattr(view, "view_class", None)
        assert cls is not None, f"{route} is no view of ours, and not in the list of open ones"
        if issubclass(cls, Est):
            named = _EST.search(route)
            assert named is not None, route
            (method,) = view.view_initkwargs["http_method_names"]
            found[method.upper(), named[1]] = None
            continue
        assert issubclass(cls, OperationView), f"{route} checks no rights"
        for method in (name for name in _METHODS if hasattr(cls, name.lower())):
            found[method, route] = _operation(cls, method)
    return found


def _operation(cls: type[OperationView], method: str) -> Operation:
    named = getattr(cls, "operation", None)
    found = named.get(method) if isinstance(named, Mapping) else named
    assert isinstance(found, Operation), f"{cls.__name__} does not say what {method} does"
    return found


def _machine_routes() -> Iterator[tuple[str, Any]]:
    prefixes = tuple(prefix.lstrip("/") for prefix in settings.MACHINE_ROUTES)
    for route, view in _all(get_resolver()):
        by_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
        ours = isinstance(by_class, type) and issubclass(by_class, OperationView | Est)
        if ours or route.startswith(prefixes):
            yield route, view


def _all(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for found in resolver.url_patterns:
        route = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from _all(found, route)
        elif isinstance(found, URLPattern):
            yield route, found.callback
