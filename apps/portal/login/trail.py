"""Log-ins and changes of accounts in the audit trail. Nothing that was typed goes into it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from apps.audit.services import record, record_refusal
from apps.core.actor import Actor, ActorKind
from apps.core.addresses import client_address
from apps.core.errors import DomainError
from apps.participants import selectors
from apps.participants.models import User


def who(user: User) -> Actor:
    """Return the person as actor: for the first organisation by name, if there is one."""
    organization = selectors.organizations_of(user).order_by("name").first()
    if organization is not None:
        return selectors.actor_of_member(user=user, organization=organization)
    return Actor(kind=ActorKind.PERSON, identifier=str(user.pk), label=str(user)[:150])


def done(request: HttpRequest, user: User, action: str, **detail: Any) -> None:
    """Record what a person did with the own account."""
    with transaction.atomic():
        record(
            actor=who(user),
            action=action,
            target_type="user",
            target_id=str(user.pk),
            detail={"email": user.email, "address": client_address(request), **detail},
        )


def refused(user: User, action: str, error: DomainError) -> None:
    """Record that somebody was refused who claimed to be this person."""
    record_refusal(
        actor=who(user), action=action, error=error, target_type="user", target_id=str(user.pk)
    )


def log_in_refused(*, email: str, address: str, error: DomainError) -> None:
    """Record a log-in that did not succeed. Of an unknown account only the address is kept."""
    user = User.objects.filter(email=email).first()
    if user is not None:
        refused(user, "portal.log_in", error)
        return
    stranger = Actor(kind=ActorKind.PERSON, identifier="unknown", label="Unknown person")
    record_refusal(
        actor=stranger,
        action="portal.log_in",
        error=error,
        target_type="address",
        target_id=address,
    )
