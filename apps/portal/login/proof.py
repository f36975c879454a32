"""Asking a person again who it is, and the keeper of the pages that need it."""

from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.core.addresses import client_address
from apps.portal.login.factors import gave_factor, has_factor, is_required
from apps.portal.login.forms import CodeAgainForm, PasskeyAgainForm, PasswordForm

PREFIX: Final = "confirm"
"""Before the names of the fields, which may stand among those of another form."""
CODES: Final = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}


class Proof:
    """The ways in which the person of a request may say again who it is: None for a missing one."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        user: Any = request.user
        rows = Authenticator.objects.filter(user_id=user.pk)
        types = set(rows.values_list("type", flat=True))
        is_password = user.has_usable_password() and not has_factor(user)
        self.code = self._form(CodeAgainForm, "code") if types & CODES else None
        self.passkey = (
            self._form(PasskeyAgainForm, "credential")
            if Authenticator.Type.WEBAUTHN in types
            else None
        )
        self.password = (
            self._form(PasswordForm, "password", address=client_address(request))
            if is_password
            else None
        )

    @property
    def options(self) -> Any:
        """What the browser needs to ask the passkey; a new challenge each time."""
        return {"request_options": begin_authentication(self.request.user)}

    @property
    def ways(self) -> list[Any]:
        return [form for form in (self.code, self.passkey, self.password) if form is not None]

    @property
    def is_possible(self) -> bool:
        return bool(self.ways)

    def given(self) -> bool:
        """Take what was posted; tell whether it holds."""
        for form in (self.code, self.passkey):
            if form is not None and form.is_valid():
                form.save()
                return True
        if self.password is not None and self.password.is_valid():
            reauthenticate_by_password(self.request)
            return True
        return False

    def _form(self, kind: Any, field: str, **more: Any) -> Any:
        posted = self.request.POST if self.request.POST.get(f"{PREFIX}-{field}") else None
        return kind(posted, user=self.request.user, prefix=PREFIX, **more)


def proof_of(request: HttpRequest) -> Proof:
    """Return the proof of this request: made once, because each try counts."""
    found: Proof | None = getattr(request, "proof", None)
    if found is None:
        found = request.proof = Proof(request)  # type: ignore[attr-defined]  # ours
    return found


def safe_next(request: HttpRequest, default: str) -> str:
    """Return where `next` leads inside this site, else the default."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else default


def with_next(name: str, address: str) -> str:
    """Return the address of a page that leads on to another one."""
    return f"{reverse(name)}?{urlencode({'next': address}, safe='/')}"


class SecondFactorKeeper:
    """Keeps steps and actions that are marked `fresh`, see `apps.core.web.freshness`."""

    def is_fresh(self, request: HttpRequest) -> bool:
        if not is_required():
            return True
        if not has_factor(request.user):
            return False
        return gave_factor(request) or (request.method == "POST" and proof_of(request).given())

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Lead a reader to the page that asks; ask a writer here, with all that was typed."""
        page = "account_confirm" if has_factor(request.user) else "account_second_factor"
        if request.headers.get("HX-Request"):
            return HttpResponse(
                status=204, headers={"HX-Redirect": with_next(page, _here(request))}
            )
        if request.method != "POST":
            return HttpResponseRedirect(with_next(page, request.get_full_path()))
        context = {
            **admin.site.each_context(request),
            "title": _("Confirm that it is you"),
            "proof": proof_of(request) if has_factor(request.user) else None,
            "kept": kept_fields(request),
            "has_files": bool(request.FILES),
            "here": request.get_full_path(),
        }
        request.current_app = admin.site.name
        return TemplateResponse(request, "mfa/again.html", context, status=403)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed into the form that has to wait."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and not name.startswith(f"{PREFIX}-")
        for value in values
    ]


def _here(request: HttpRequest) -> str:
    """Return the page that an htmx request came from; the overview where that is not ours."""
    address = request.headers.get("HX-Current-URL", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else reverse("admin:index")
