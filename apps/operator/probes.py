"""What machines ask about the product itself: /readyz and /metrics."""

from django.http import HttpRequest, HttpResponse

from apps.operator import readiness


def ready(request: HttpRequest) -> HttpResponse:
    """Answer how every part stands: 200, or 503 where one that is needed is down."""
    found = readiness.report()
    status = 200 if found.ready else 503
    return HttpResponse(found.text(), status=status, content_type="application/json")
