"""The OpenID provider, where one is configured; otherwise these addresses do not exist.

allauth brings code flow, PKCE, state, and the checks of issuer, audience and end. What it leaves
out is done here: the nonce, and that userinfo speaks of the person of the id_token.
"""

from collections.abc import Callable
from typing import Any, Final

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from requests import RequestException
from structlog import get_logger

from apps.portal.login.adapters import PROVIDER_FAILED, back_to_login

log = get_logger(__name__)

ALLOWED: Final = {"next"}
"""Of the parameters that start a log-in. allauth would also connect accounts and choose scopes."""
UNREADABLE: Final = (RequestException, KeyError, ValueError, TypeError)
"""What a provider causes that does not answer, or answers with something else."""


STATE_LENGTH: Final = 32


class CheckedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Takes an answer only with an id_token that was made for this very request.

    Its signature is not asked for: it comes from the token address itself, over TLS, in answer to
    our secret (OpenID Connect Core 3.1.3.7, 6).
    """

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return who logs in. OAuth2Error without id_token, or with a foreign nonce (3.1.3.7, 11)
        or subject (5.3.2)."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The provider sent no id_token")
        login = super().complete_login(request, app, token, **kwargs)
        claims, info = (login.account.extra_data[part] for part in ("id_token", "userinfo"))
        if not constant_time_compare(str(claims.get("nonce")), _nonce(request.GET["state"])):
            raise OAuth2Error("The id_token was made for another request")
        if claims["sub"] != info["sub"]:
            raise OAuth2Error("The userinfo is about another person")
        return login


def _nonce(state: str) -> str:
    """Derive the nonce from the state, which is in one browser's session and good once.

    Nobody without SECRET_KEY can, so a code that was issued for another request never fits.
    """
    return salted_hmac("apps.portal.login.nonce", state, algorithm="sha256").hexdigest()


def log_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider."""
    if request.GET.keys() - ALLOWED:
        raise Http404
    return _asked(_leave, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the person back from the provider; the state in the session says that we asked."""
    return _asked(_return, request, provider_id)


def _leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    found = get_adapter().get_provider(request, provider_id)
    given = found.get_redirect_from_request_kwargs(request)
    state = get_random_string(STATE_LENGTH)
    given["auth_params"] = {**given["auth_params"], "nonce": _nonce(state)}
    left: HttpResponse = found.redirect(request, state_id=state, **given)
    return left


@login_not_required  # type: ignore[untyped-decorator]  # allauth has no types
def _return(request: HttpRequest, provider_id: str) -> HttpResponse:
    view = OAuth2CallbackView.adapter_view(CheckedAdapter(request, provider_id))
    back: HttpResponse = view(request)
    return back


def _asked(
    view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, provider_id: str
) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        return view(request, provider_id)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except UNREADABLE as error:
        log.warning("openid_provider_failed", error=type(error).__name__)
        return back_to_login(request, PROVIDER_FAILED)
