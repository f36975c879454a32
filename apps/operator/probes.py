"""What machines ask about the product itself: /readyz and /metrics."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core.addresses import came_from
from apps.operator import exposition, readiness

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def ready(request: HttpRequest) -> HttpResponse:
    """Answer how every part stands: 200, or 503 where one that is needed is down."""
    found = readiness.report()
    status = 200 if found.ready else 503
    return HttpResponse(found.text(), status=status, content_type="application/json")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the metrics to who has METRICS_TOKEN or comes straight from METRICS_NETWORKS."""
    if not settings.METRICS_TOKEN and not settings.METRICS_NETWORKS:
        return HttpResponse(status=404)
    if not (_has_token(request) or _is_near(request)):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition.text(), content_type=TEXT)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    known = str(settings.METRICS_TOKEN)
    same = hmac.compare_digest(token.strip().encode(), known.encode())
    return bool(known) and scheme.lower() == "bearer" and same


def _is_near(request: HttpRequest) -> bool:
    """Tell whether the peer is in METRICS_NETWORKS, and nobody stands between it and us.

    Behind a proxy every caller comes from the proxy's address, which may well be in a network.
    """
    forwarded = {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED"}
    if settings.TRUSTED_PROXIES or forwarded & request.META.keys():
        return False
    return came_from(request, settings.METRICS_NETWORKS)
