"""What django-allauth tells of: log-ins, factors added and removed, codes that were wrong."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.dispatch import receiver
from django.http import HttpRequest

from apps.core.errors import Forbidden
from apps.participants.models import User
from apps.portal.login import trail
from apps.portal.login.factors import FACTORS

Type = Authenticator.Type


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    trail.done(request, user, "portal.log_in")


@receiver(authenticator_added)
def factor_added(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting a factor up proves it: the person is not asked for it in the next breath."""
    if authenticator.type not in FACTORS:
        trail.done(request, user, "portal.make_recovery_codes")
        return
    trail.done(request, user, "portal.add_second_factor", kind=authenticator.type)
    record_authentication(
        request,
        user,
        "mfa",
        id=authenticator.pk,
        type=authenticator.type,
        reauthenticated=True,
    )


@receiver(authenticator_removed)
def factor_removed(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type in FACTORS:
        trail.done(request, user, "portal.remove_second_factor", kind=authenticator.type)


@receiver(authenticator_reset)
def codes_made(request: HttpRequest, user: User, **kwargs: Any) -> None:
    trail.done(request, user, "portal.make_recovery_codes")


@receiver(authenticator_used)
def code_used(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type == Type.RECOVERY_CODES:
        trail.done(request, user, "portal.use_recovery_code")


@receiver(authentication_failed)
def factor_refused(user: User, **kwargs: Any) -> None:
    action = "portal.confirm" if kwargs.get("reauthentication") else "portal.log_in"
    trail.refused(user, action, Forbidden("wrong_code", "The code of the second factor is wrong."))
