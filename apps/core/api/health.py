"""Whether this process lives, and whether it can answer requests; for load balancers.

How the whole product stands is `apps.operator.readiness`.
"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError


def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 for as long as the process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and cache answer, else 503: what no request can do without."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
    except (DatabaseError, RedisError):
        return HttpResponse("not ready\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
