"""Django's middleware for people, stepping aside on the routes of machines.

`/v1`, `/oauth` and the PKI routes carry a token in each request: a session, cookies, CSRF, language
and page headers would only cost them time, so each class here hands such a request straight on.
Being subclasses, they still count for Django's system checks.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django_htmx.middleware import HtmxMiddleware
from django_structlog.middlewares import RequestMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from apps.core import metrics, tracing
from apps.core.web.uploads import AllowUploads
from apps.portal.login.preferences import PreferencesMiddleware
from apps.portal.middleware import MembershipMiddleware, RefusalsMiddleware
from config.logs import without_secrets

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def for_machines(request: HttpRequest) -> bool:
    """Tell whether the path belongs to MACHINE_ROUTES or MACHINE_PATHS."""
    path = request.path_info
    return path.startswith(settings.MACHINE_ROUTES) or bool(settings.MACHINE_PATHS.fullmatch(path))


class Measured:
    """Counts requests and their time by route: the pattern, not the path."""

    REQUESTS = metrics.Counter(
        "plugpool_requests_total", "Requests answered.", "route", "method", "status"
    )
    DURATIONS = metrics.Histogram(
        "plugpool_request_duration_seconds", "Time from a request to its answer.", "route"
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        response = self._get_response(request)
        found = request.resolver_match
        # Without a match: static files, redirects to https, addresses that are none.
        route = found.route if found is not None else "none"
        method = request.method if request.method in METHODS else metrics.OTHER
        self.REQUESTS.add(route, str(method), str(response.status_code))
        self.DURATIONS.observe(route, seconds=perf_counter() - started)
        return response


class Logged(RequestMiddleware):
    """Gives each request an id and its trace, and logs its beginning and end."""

    def prepare(self, request: HttpRequest) -> None:
        tracing.bind_trace(request.META.get("HTTP_TRACEPARENT", ""))
        super().prepare(request)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Name method and path; a query may hold a code or a token of somebody."""
        return without_secrets(f"{request.method} {request.path}")


class WithoutNul:
    """Answer 404 where a page's path holds a NUL: PostgreSQL's text cannot, so nothing has it.

    Machine routes parse their identifiers and answer with OPCP's own text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info and not for_machines(request):
            raise Http404("An address without a NUL is needed.")
        return self._get_response(request)


class ForPeople:
    """Mixed in before a middleware: machine routes pass it by."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if for_machines(request):
            handed_on: HttpResponseBase = self.get_response(request)
            return handed_on
        response: HttpResponseBase = super().__call__(request)  # type: ignore[misc]  # the mixin's other base is callable
        return response


class StaticFiles(ForPeople, WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped library
    pass


class ContentSecurityPolicy(ForPeople, CSPMiddleware):
    """The policy of CONTENT_SECURITY_POLICY; machines get one that lets a browser load nothing."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = super().__call__(request)
        if for_machines(request):
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
        return response


class Sessions(ForPeople, SessionMiddleware):
    pass


class Locale(ForPeople, LocaleMiddleware):
    """The language of a page ends with it: the thread's next request may be a machine's."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(settings.LANGUAGE_CODE):
            return super().__call__(request)


class Uploads(ForPeople, AllowUploads):
    pass


class Csrf(ForPeople, CsrfViewMiddleware):
    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., Any],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if for_machines(request):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class Authentication(ForPeople, AuthenticationMiddleware):
    pass


class Memberships(ForPeople, MembershipMiddleware):
    pass


class Preferences(ForPeople, PreferencesMiddleware):
    pass


class Refusals(ForPeople, RefusalsMiddleware):
    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        return None if for_machines(request) else super().process_exception(request, exception)


class Messages(ForPeople, MessageMiddleware):
    pass


class Htmx(ForPeople, HtmxMiddleware):
    pass


class FrameOptions(ForPeople, XFrameOptionsMiddleware):
    pass
