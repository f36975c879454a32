"""The log-in page: e-mail and password first; allauth then asks for the second factor."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.portal.login.forms import LoginForm
from apps.portal.login.preferences import remember_zone


class EntryView(LoginView):
    """Checks the pair, and hands the person on to the stages of the log-in."""

    template_name = "portal/login.html"
    authentication_form = LoginForm

    def form_valid(self, form: Any) -> HttpResponse:
        user, address = form.get_user(), self.get_success_url()
        logout(self.request)
        remember_zone(user, self.request.POST.get("zone", ""))
        login = Login(user=user, redirect_url=address)
        response: HttpResponse = perform_password_login(self.request, {}, login)
        return response


@never_cache
def entrance(request: HttpRequest, frame: dict[str, Any]) -> HttpResponseBase:
    """Serve the log-in page in the frame of the site."""
    context = {**frame, **login_context(request), "title": _("Log in")}
    return EntryView.as_view(extra_context=context)(request)


def restart(request: HttpRequest) -> HttpResponse:
    """Give a log-in up that waits for its second factor."""
    if not request.user.is_authenticated:
        clear_login(request)
    return HttpResponseRedirect(reverse("account_login"))


def login_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows beside the form."""
    address = request.POST.get("next", request.GET.get("next", ""))
    query = f"?{urlencode({'next': address})}" if address else ""
    provider = reverse("openid_connect_login", args=["oidc"]) if settings.OIDC_ISSUER else ""
    return {
        "provider_link": f"{provider}{query}" if provider else "",
        "provider_name": _provider_name(),
        "reset_link": reverse("account_reset_password") if settings.EMAIL_URL else "",
        "is_second_factor_off": settings.SECOND_FACTOR == "off",
    }


def _provider_name() -> str:
    provider: Any = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {"APPS": []})
    return ", ".join(app["name"] for app in provider["APPS"])
