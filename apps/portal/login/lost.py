"""Helping a person who lost every second factor."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from apps.audit.services import record
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.participants.models import User


def remove_factors(*, actor: Actor, email: str) -> int:
    """Remove all second factors and recovery codes of a person; return how many factors it were.

    Raises NotFound (`user_unknown`) where nobody has the address.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise NotFound("user_unknown", "Nobody has this address.")
    with transaction.atomic():
        rows = Authenticator.objects.filter(user=user)
        kinds = list(rows.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("type"))
        rows.delete()
        record(
            actor=actor,
            action="portal.remove_second_factor",
            target_type="user",
            target_id=str(user.pk),
            detail={"email": user.email, "count": len(kinds)},
        )
    return len(kinds)
