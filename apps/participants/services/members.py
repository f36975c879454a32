"""People and their rights inside an organisation."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from apps.audit.services import record
from apps.core import locks
from apps.core.actor import Actor, Right
from apps.core.errors import Conflict, Invalid
from apps.participants import links, membership, rights
from apps.participants.models import LinkMail, Organization, User
from apps.participants.rights import Operation
from apps.participants.services.mails import order_mail


def create_member(
    *,
    actor: Actor,
    organization: Organization,
    email: str,
    right: Right,
    name: str = "",
    password: str | None = None,
) -> User:
    """Make somebody a member; the person's account is made if the e-mail address is new.

    Without a password the new account cannot log in until one is set over a reset link. An
    account that exists keeps its name and password. Raises Conflict (`already_member`), Invalid.
    """
    rights.require(actor, Operation.MEMBERS_MANAGE, organization_id=organization.pk)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("email", "A valid e-mail address is needed.") from error
    with transaction.atomic():
        locks.hold(f"member:{email}", _lock(organization))
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, password, name=name.strip()[:100])
        elif membership.right_held(user, organization) is not None:
            raise Conflict("already_member", "This person is a member already.")
        membership.set_right(user, organization, right)
        _record(actor, "participants.create_member", organization, user, right.value)
    return user


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Who was invited, the path of the link that sets a password, and whether it is mailed too.

    No path (empty) for somebody who has an account already.
    """

    user: User
    path: str = ""
    is_mailed: bool = False


def invite_member(
    *, actor: Actor, organization: Organization, email: str, right: Right, name: str = ""
) -> Invitation:
    """Make somebody a member, with a link that sets a password. Raises as `create_member`."""
    with transaction.atomic():
        user = create_member(
            actor=actor, organization=organization, email=email, right=right, name=name
        )
        if not membership.is_new_in(user, organization):
            return Invitation(user=user)
        return _invited(actor, organization, user)


def renew_invitation(*, actor: Actor, organization: Organization, user: User) -> Invitation:
    """Make another link for a member who has set no password yet.

    Raises Conflict (`not_a_member`, `has_account`): whoever could hand out a link to an account
    that somebody uses, or that other organisations know, could take it over.
    """
    rights.require(actor, Operation.MEMBERS_MANAGE, organization_id=organization.pk)
    _require_member(organization, user)
    if not membership.is_new_in(user, organization):
        raise Conflict("has_account", "This person has an account and asks for a link at log-in.")
    with transaction.atomic():
        held = membership.right_held(user, organization)
        _record(actor, "participants.renew_invitation", organization, user, held or "")
        return _invited(actor, organization, user)


def is_invited(user: User, organization: Organization) -> bool:
    """Tell whether a member has not come yet, and may be given another link."""
    return membership.is_new_in(user, organization)


def set_member_right(*, actor: Actor, organization: Organization, user: User, right: Right) -> None:
    """Change a member's right. Raises Conflict (`not_a_member`, `last_admin`)."""
    rights.require(actor, Operation.MEMBERS_MANAGE, organization_id=organization.pk)
    with transaction.atomic():
        locks.hold(_lock(organization))
        _require_member(organization, user)
        if right is not Right.ADMIN:
            _require_other_admin(organization, user)
        membership.set_right(user, organization, right)
        _record(actor, "participants.set_member_right", organization, user, right.value)


def remove_member(*, actor: Actor, organization: Organization, user: User) -> None:
    """End a membership; the account stays. Raises Conflict (`not_a_member`, `last_admin`)."""
    rights.require(actor, Operation.MEMBERS_MANAGE, organization_id=organization.pk)
    with transaction.atomic():
        locks.hold(_lock(organization))
        _require_member(organization, user)
        _require_other_admin(organization, user)
        membership.set_right(user, organization, None)
        _record(actor, "participants.remove_member", organization, user, "")


def _invited(actor: Actor, organization: Organization, user: User) -> Invitation:
    kind = LinkMail.Kind.INVITATION
    is_mailed = order_mail(actor=actor, user=user, kind=kind, organization=organization)
    return Invitation(user=user, path=links.password_link(user), is_mailed=is_mailed)


def _require_member(organization: Organization, user: User) -> None:
    if membership.right_held(user, organization) is None:
        raise Conflict("not_a_member", "This person is not a member.")


def _require_other_admin(organization: Organization, user: User) -> None:
    """An organisation without an administrator could never get one again by itself."""
    admins = {
        member.pk
        for member, right in membership.members_of(organization)
        if right is Right.ADMIN and member.is_active
    }
    if admins == {user.pk}:
        raise Conflict("last_admin", "An organisation needs one administrator.")


def _lock(organization: Organization) -> str:
    return f"members:{organization.pk}"


def _record(actor: Actor, action: str, organization: Organization, user: User, right: str) -> None:
    record(
        actor=actor,
        action=action,
        target_type="user",
        target_id=str(user.pk),
        detail={"organization": str(organization.uuid), "email": user.email, "right": right},
    )
