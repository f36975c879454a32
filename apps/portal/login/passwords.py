"""Setting a password by a link: an invitation, or a reset where e-mail is configured.

Links are Django's: signed, bound to the password and the last log-in, good for once and for
PASSWORD_RESET_TIMEOUT.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from apps.core.actor import system
from apps.core.addresses import client_address
from apps.core.errors import DomainError
from apps.core.throttle import take
from apps.core.web.refusals import in_words
from apps.participants import selectors
from apps.participants.models import LinkMail, User
from apps.participants.services import is_mailing, order_mail
from apps.portal.login import trail

RESETS_OF_ADDRESS = 10
RESETS_OF_ACCOUNT = 3
HOUR_S = 3600


class ResetForm(PasswordResetForm):
    """The address that a link is sent to. The answer never tells whether somebody has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs["class"] = "pp-input"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Have a link sent: also to invited people, who have no password yet."""
        email = str(self.cleaned_data["email"]).strip().lower()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is not None and selectors.organizations_of(user).exists():
            order_mail(actor=system("log-in"), user=user, kind=LinkMail.Kind.RESET)


class ResetView(PasswordResetView):
    """Sends a link, where the deployment has e-mail."""

    template_name = "account/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("account_login")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_mailing():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            take(f"reset {client_address(self.request)}", limit=RESETS_OF_ADDRESS, seconds=HOUR_S)
            email = str(form.cleaned_data["email"]).lower()
            take(f"reset {email}", limit=RESETS_OF_ACCOUNT, seconds=HOUR_S)
        except DomainError as error:
            form.add_error(None, ValidationError(in_words(error), code=error.code))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("If an account has this address, a link is on its way to it. It works once."),
        )
        return super().form_valid(form)


class NewPasswordView(PasswordResetConfirmView):
    """Takes a new password from whoever has the link, then lets the person log in with it."""

    template_name = "account/new_password.html"
    success_url = reverse_lazy("account_login")
    reset_url_token = "new"  # noqa: S105  a part of the address

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        for field in form.fields.values():
            field.widget.attrs["class"] = "pp-input"
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user: Any = self.user
        trail.done(self.request, user, "portal.set_password")
        messages.success(self.request, _("Your password is set. Log in with it."))
        return response
