"""Error pages. Machines get the same errors as OPCP's Error object."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

from apps.core.api.errors import body


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _for_machines(request, 400, "Bad request.") or defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    answer = _for_machines(request, 403, "Forbidden.")
    return answer or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _for_machines(request, 404, "Not found.") or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return _for_machines(request, 500, "Internal error.") or defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form whose page was open too long: the forbidden page, and what helps."""
    return defaults.permission_denied(request, Exception(reason), "403_csrf.html")


def _for_machines(request: HttpRequest, status: int, text: str) -> JsonResponse | None:
    routes: Any = settings.MACHINE_ROUTES
    if not request.path_info.startswith(tuple(routes)):
        return None
    return JsonResponse(body(text), status=status)
