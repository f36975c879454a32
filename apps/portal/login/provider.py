"""The OpenID provider, where one is configured; otherwise these addresses do not exist."""

from collections.abc import Callable
from typing import Final

from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from requests import RequestException
from structlog import get_logger

from apps.portal.login.adapters import PROVIDER_FAILED, back_to_login

log = get_logger(__name__)

ALLOWED: Final = {"next"}
"""Of the parameters that start a log-in. allauth would also connect accounts and choose scopes."""
UNREADABLE: Final = (RequestException, KeyError, ValueError, TypeError)
"""What a provider causes that does not answer, or answers with something else."""


def log_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider."""
    if request.GET.keys() - ALLOWED:
        raise Http404
    return _asked(views.login, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the person back from the provider; the state in the session says that we asked."""
    return _asked(views.callback, request, provider_id)


def _asked(
    view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, provider_id: str
) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        return view(request, provider_id)
    except UNREADABLE as error:
        log.warning("openid_provider_failed", error=type(error).__name__)
        return back_to_login(request, PROVIDER_FAILED)
