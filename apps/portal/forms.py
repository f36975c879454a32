"""The log-in form: any active person who is a member of an organisation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from apps.core.addresses import client_address
from apps.core.errors import TooMany
from apps.core.throttle import take
from apps.participants import selectors

ATTEMPTS = 10
ATTEMPTS_OF_ADDRESS = 60
"""Log-ins a minute: for one account from one address, and from one address in all."""


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    """E-mail and password. One error for a wrong pair, a clear one for nobody's member."""

    error_messages = {
        "invalid_login": _("E-mail or password is wrong."),
        "inactive": _("E-mail or password is wrong."),
        "no_organization": _(
            "Your account belongs to no organisation yet. Ask your administrator to add you."
        ),
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.input_type = "email"

    def clean(self) -> dict[str, Any]:
        """Check the pair, at most ten times a minute for one account from one address."""
        address = client_address(self.request)
        try:
            take(f"login {address}", limit=ATTEMPTS_OF_ADDRESS)
            take(f"login {address} {self.cleaned_data.get('username')}", limit=ATTEMPTS)
        except TooMany as error:
            raise ValidationError(error.message, code=error.code) from error
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def clean_username(self) -> str:
        """Accounts are kept in lower case."""
        return str(self.cleaned_data["username"]).strip().lower()

    def confirm_login_allowed(self, user: Any) -> None:
        if not selectors.organizations_of(user).exists():
            raise ValidationError(self.error_messages["no_organization"], code="no_organization")
