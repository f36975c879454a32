"""django-allauth's rules for this portal: nobody signs up, secrets are sealed."""

import base64
from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.addresses import client_address
from apps.keys import vault
from apps.participants import selectors
from apps.portal.login.factors import gave_proof

SEALED: Final = "mfa_authenticator"
"""What the sealed secrets are bound to: allauth seals before the row has an id."""
NO_ROW: Final = UUID(int=0)

WORDS: Final[dict[str, str | Promise]] = {
    "mfa/messages/totp_activated.txt": _(
        "The authenticator app was added. From now on you are asked for its code."
    ),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app was removed."),
    "mfa/messages/webauthn_added.txt": _(
        "The passkey was added. From now on you are asked for it."
    ),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed."),
}
"""What the portal says for allauth's messages; it says nothing for the others."""

TOO_MANY: Final = _("Too many wrong codes. Please wait five minutes.")
NO_ORGANIZATION: Final = _(
    "Your account belongs to no organisation yet. Ask your administrator to add you."
)
REFUSED: Final = _("E-mail or password is wrong.")
NOT_INVITED: Final = _("Nobody has invited this account yet. Ask your administrator to add you.")
PROVIDER_FAILED: Final = _("The log-in at the provider did not work. Please try again.")


def back_to_login(request: HttpRequest, text: str | Promise) -> HttpResponse:
    """End the log-in, and say on its page why."""
    clear_login(request)
    messages.error(request, str(text))
    return HttpResponseRedirect(reverse("account_login"))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Only members of an organisation, whichever way they log in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        if not user.is_active:
            return back_to_login(request, REFUSED)
        if not selectors.organizations_of(user).exists():
            return back_to_login(request, NO_ORGANIZATION)
        return None

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not gave_proof(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        return [{"id": "confirm", "description": "", "url": reverse("account_confirm")}]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        text = WORDS.get(message_template or "")
        if text:
            messages.add_message(request, level, str(text))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The audit trail tells of it."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Seals the secrets of authenticator apps and recovery codes with the vault key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already. Try the next one."),
    }

    def encrypt(self, text: str) -> str:
        version, sealed = vault.seal(text.encode(), table=SEALED, row=NO_ROW)
        return f"{version}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        version, _colon, sealed = encrypted_text.partition(":")
        octets = base64.b64decode(sealed)
        return vault.open_(octets, table=SEALED, row=NO_ROW, version=int(version)).decode()

    def get_totp_issuer(self) -> str:
        return "Plugpool"


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People of the OpenID provider get in as whom they were invited, by the same e-mail."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        raise ImmediateHttpResponse(back_to_login(request, NOT_INVITED))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Keep the password of a person whom the provider knows by the e-mail of the invitation.

        allauth would wipe it: elsewhere somebody else might have signed up with the address.
        """
        user = sociallogin.user
        if user is not None and user.pk is not None:
            EmailAddress.objects.get_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        raise ImmediateHttpResponse(back_to_login(request, PROVIDER_FAILED))
