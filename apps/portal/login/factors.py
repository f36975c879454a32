"""Second factors: who has one, who needs one, and when one was last given."""

import time
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from apps.core.actor import Role
from apps.core.web.membership import membership_of

FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor. Recovery codes stand in for one and are none themselves."""


def has_factor(user: Any) -> bool:
    """Tell whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def is_required() -> bool:
    """Tell whether this deployment asks for second factors at all."""
    return bool(settings.SECOND_FACTOR != "off")


def must_set_up(request: HttpRequest) -> bool:
    """Tell whether the person acts for an operator and has no second factor yet."""
    membership = membership_of(request)
    is_operator = membership is not None and membership.actor.has(Role.OPERATOR)
    return is_required() and is_operator and not has_factor(request.user)


def gave_factor(request: HttpRequest) -> bool:
    """Tell whether a second factor was given again within the last FRESH_S seconds.

    The one given while logging in does not count: whoever finds an open browser has that, too.
    """
    return any(
        record.get("method") == "mfa" and record.get("reauthenticated")
        for record in _recent(request)
    )


def gave_proof(request: HttpRequest) -> bool:
    """Tell whether the person may change the own account now.

    With a second factor that was given again; without one by a log-in or the password, lately.
    """
    if has_factor(request.user):
        return gave_factor(request)
    return bool(_recent(request))


def _recent(request: HttpRequest) -> list[dict[str, Any]]:
    oldest = time.time() - settings.FRESH_S
    records = get_authentication_records(request, request.user)
    return [record for record in records if record["at"] > oldest]
