"""The OpenID provider, where one is configured; otherwise these addresses do not exist."""

from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

ALLOWED = {"next"}
"""Of the parameters that start a log-in. allauth would also connect accounts and choose scopes."""


def log_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider."""
    if not settings.OIDC_ISSUER or request.GET.keys() - ALLOWED:
        raise Http404
    response: HttpResponse = views.login(request, provider_id)
    return response


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the person back from the provider; the state in the session says that we asked."""
    if not settings.OIDC_ISSUER:
        raise Http404
    response: HttpResponse = views.callback(request, provider_id)
    return response
