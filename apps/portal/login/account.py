"""A person's own account: how pages look, the password, second factors."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from apps.participants import selectors
from apps.participants.models import User
from apps.portal.login import factors, trail
from apps.portal.login.preferences import PreferencesForm
from apps.portal.login.proof import proof_of, safe_next

Type = Authenticator.Type
NEXT = "after_set_up"
"""Where the session keeps the page that a person was led away from to set a factor up."""


def overview(request: HttpRequest) -> HttpResponse:
    """Show the account; a POST stores how pages look."""
    user = _user(request)
    form = PreferencesForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. Pages look like that from now on."))
        return HttpResponseRedirect(reverse("mfa_index"))
    user.refresh_from_db()
    context = {"form": form, **_factors(user), "organizations": selectors.organizations_of(user)}
    return TemplateResponse(request, "account/overview.html", context, status=_status(form))


def second_factor(request: HttpRequest) -> HttpResponse:
    """Offer the kinds of second factor; remember where the person wanted to go."""
    request.session[NEXT] = safe_next(request, request.session.get(NEXT, ""))
    if factors.has_factor(request.user):
        return HttpResponseRedirect(_leave(request))
    context = {"is_forced": factors.must_set_up(request)}
    return TemplateResponse(request, "mfa/second_factor.html", context)


def onward(request: HttpRequest) -> HttpResponse:
    """Go on to where the person wanted to go before a factor had to be set up."""
    return HttpResponseRedirect(_leave(request))


def confirm(request: HttpRequest) -> HttpResponse:
    """Ask again who it is, and go on to `next`."""
    proof = proof_of(request)
    address = safe_next(request, reverse("mfa_index"))
    if request.method == "POST" and proof.given():
        return HttpResponseRedirect(address)
    context = {"proof": proof, "next": address}
    return TemplateResponse(request, "mfa/confirm.html", context)


def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session of the person ends."""
    user = _user(request)
    form = PasswordChangeForm(user, request.POST or None)
    for field in form.fields.values():
        field.widget.attrs["class"] = "pp-input"
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        trail.done(request, user, "portal.change_password")
        messages.success(request, _("Your password was changed. Other browsers were logged out."))
        return HttpResponseRedirect(reverse("mfa_index"))
    return TemplateResponse(request, "account/password.html", {"form": form}, status=_status(form))


def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, and remember it for the person."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = request.POST.get("language", "")
    if isinstance(request.user, User) and wanted in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=wanted)
    return set_language(request)


def _factors(user: User) -> dict[str, Any]:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((row for row in rows if row.type == Type.RECOVERY_CODES), None)
    return {
        "app": next((row for row in rows if row.type == Type.TOTP), None),
        "passkeys": [row for row in rows if row.type == Type.WEBAUTHN],
        "codes_left": len(RecoveryCodes(codes).get_unused_codes()) if codes else None,
        "codes_in_all": settings.MFA_RECOVERY_CODE_COUNT,
        "is_required": factors.is_required(),
    }


def _leave(request: HttpRequest) -> str:
    return request.session.pop(NEXT, "") or reverse("mfa_index")


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  account_view asked has_permission
    return user
