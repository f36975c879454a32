"""What is typed to get in, and to say again who it is."""

import json
from typing import Any, Final

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from apps.core.addresses import client_address
from apps.core.errors import DomainError, Forbidden
from apps.core.throttle import take
from apps.core.web.refusals import in_words
from apps.participants import selectors
from apps.portal.login import trail
from apps.portal.login.adapters import NO_ORGANIZATION, REFUSED, MfaAdapter

ATTEMPTS = 10
ATTEMPTS_OF_ADDRESS = 60
"""Log-ins a minute: for one account from one address, and from one address in all."""
LONGEST_CODE: Final = 20
LONGEST_NAME: Final = 60
LONGEST_CREDENTIAL: Final = 20_000
"""Characters of a passkey's answer; it has about two thousand."""


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    """E-mail and password. One error for a wrong pair, a clear one for nobody's member."""

    error_messages = {
        "invalid_login": REFUSED,
        "inactive": REFUSED,
        "no_organization": NO_ORGANIZATION,
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.input_type = "email"

    def clean(self) -> dict[str, Any]:
        """Check the pair, at most ten times a minute for one account from one address."""
        address, email = client_address(self.request), self.cleaned_data.get("username", "")
        try:
            take(f"login {address}", limit=ATTEMPTS_OF_ADDRESS)
            take(f"login {address} {email}", limit=ATTEMPTS)
        except DomainError as error:
            raise ValidationError(in_words(error), code=error.code) from error
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            refusal = Forbidden(getattr(error, "code", "") or "refused", error.messages[0])
            trail.log_in_refused(email=email, address=address, error=refusal)
            raise
        return cleaned

    def clean_username(self) -> str:
        """Accounts are kept in lower case."""
        return str(self.cleaned_data["username"]).strip().lower()

    def confirm_login_allowed(self, user: Any) -> None:
        if not selectors.organizations_of(user).exists():
            raise ValidationError(self.error_messages["no_organization"], code="no_organization")


class _Code:
    """A code of an authenticator app or a recovery code, accepted once.

    allauth remembers a used code for one period; with a tolerance of one step before and one
    after it would be right for three.
    """

    fields: Any
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # the mixin's other base has it
        authenticator = self.authenticator  # type: ignore[attr-defined]  # clean_code sets it
        if authenticator.type == Authenticator.Type.TOTP:
            seconds = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)
            digits = "".join(character for character in code if character.isalnum())
            if not cache.add(f"totp used {self.user.pk} {digits}", 1, timeout=seconds):
                raise MfaAdapter().validation_error("incorrect_code")
        return code


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of logging in."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Before what asks again."""


class AuthenticatorAppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """The answer of a new passkey, and what its owner calls it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = name_field(required=False)
        self.initial["name"] = ""

    def clean_credential(self) -> Any:
        return bounded(self.cleaned_data["credential"])

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValueError, KeyError, AttributeError) as error:
            raise MfaAdapter().validation_error("incorrect_code") from error
        return cleaned


class _Passkey:
    """The answer of a passkey. What cannot be read is as wrong as what does not verify."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        bounded(self.cleaned_data["credential"])
        try:
            return super().clean_credential()  # type: ignore[misc]  # the mixin's other base has it
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise MfaAdapter().validation_error("incorrect_code") from error


class PasskeyForm(_Passkey, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """The second step of logging in."""


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # the same
    """Before what asks again."""


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = name_field(required=True)


class PasswordForm(forms.Form):
    """The password again, of a person who has no second factor."""

    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "pp-input", "autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.address = user, address

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            take(f"login {self.address} {self.user.email}", limit=ATTEMPTS)
        except DomainError as error:
            raise ValidationError(in_words(error), code=error.code) from error
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."), code="wrong_password")
        return password


def code_field() -> forms.CharField:
    """Make the field of a code; browsers offer what came with the keyboard."""
    attributes = {
        "class": "pp-input pp-code pp-once",
        "autocomplete": "one-time-code",
        "autocapitalize": "off",
        "spellcheck": "false",
        "autofocus": True,
    }
    return forms.CharField(
        label=_("Code"), max_length=LONGEST_CODE, widget=forms.TextInput(attrs=attributes)
    )


def name_field(*, required: bool) -> forms.CharField:
    """Make the field of a passkey's name."""
    return forms.CharField(
        label=_("Name"),
        required=required,
        max_length=LONGEST_NAME,
        help_text=_("So that you know it again, for example: work laptop."),
        widget=forms.TextInput(attrs={"class": "pp-input", "autocomplete": "off"}),
    )


def bounded(credential: Any) -> Any:
    """Return a passkey's answer. Raises ValidationError for what can be none.

    Answers are plain ASCII (base64url and names); databases cannot keep all that JSON can say.
    """
    written = json.dumps(credential, ensure_ascii=False)
    is_plain = written.isascii() and "\\u" not in written
    if not isinstance(credential, dict) or not is_plain or len(written) > LONGEST_CREDENTIAL:
        raise MfaAdapter().validation_error("incorrect_code")
    return credential
