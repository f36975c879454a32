"""Who is a member of what: the one place that asks django-guardian.

guardian raises for anonymous users and still answers for inactive ones, so both are refused here
before it is asked. Groups and the superuser flag give nothing: a right is a row of its own.
"""

from collections.abc import Collection
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from guardian.models import UserObjectPermission
from guardian.shortcuts import get_objects_for_user, get_user_perms, get_users_with_perms

from apps.core.actor import Right
from apps.participants.models import Organization, User

HIGHEST_FIRST: Final = (Right.ADMIN, Right.EDITOR, Right.VIEWER)


def organizations_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Organization]:
    """Return the active organisations that an active, logged-in person is a member of."""
    if not _counts(user):
        return Organization.objects.none()
    found: QuerySet[Organization] = get_objects_for_user(
        user,
        [right.value for right in Right],
        Organization.objects.filter(active=True),
        use_groups=False,
        any_perm=True,
        with_superuser=False,
        accept_global_perms=False,
    )
    return found


def right_of(user: AbstractBaseUser | AnonymousUser, organization: Organization) -> Right | None:
    """Return the highest right of a person in an organisation; None for no (valid) membership."""
    if not _counts(user) or not organization.active:
        return None
    return _highest(set(get_user_perms(user, organization)))


def right_held(user: User, organization: Organization) -> Right | None:
    """Return the right that stands in the records, be the person or organisation active or not."""
    return dict(members_of(organization)).get(user)


def members_of(organization: Organization) -> list[tuple[User, Right]]:
    """Return the members of an organisation with their rights, by e-mail; also inactive ones."""
    found: dict[User, list[str]] = get_users_with_perms(  # type: ignore[assignment]  # attach_perms gives a dict
        organization, attach_perms=True, with_group_users=False, with_superusers=False
    )
    rights = [(user, _highest(held)) for user, held in found.items()]
    members = [(user, right) for user, right in rights if right is not None]
    return sorted(members, key=lambda member: member[0].email)


def rows_of(organization: Organization | None = None) -> QuerySet[UserObjectPermission]:
    """Return the rows that say who is a member, of one organisation or of all."""
    rows = UserObjectPermission.objects.filter(
        content_type__app_label=Organization._meta.app_label,  # noqa: SLF001  Django's documented API
        content_type__model=Organization._meta.model_name,  # noqa: SLF001  Django's documented API
    )
    return rows if organization is None else rows.filter(object_pk=str(organization.pk))


def is_known_elsewhere(user: User, organization: Organization) -> bool:
    """Tell whether a person is a member of another organisation too."""
    return rows_of().filter(user=user).exclude(object_pk=str(organization.pk)).exists()


def is_new_in(user: User, organization: Organization) -> bool:
    """Tell whether a person never logged in, set no password, and is known to nobody else."""
    fresh = not user.has_usable_password() and user.last_login is None
    return fresh and not is_known_elsewhere(user, organization)


def set_right(user: User, organization: Organization, right: Right | None) -> None:
    """Give exactly this right, or none. Called by the services, which decide and record."""
    rows_of(organization).filter(user=user).delete()
    if right is not None:
        UserObjectPermission.objects.assign_perm(right.value, user, obj=organization)


def _highest(held: Collection[str]) -> Right | None:
    return next((right for right in HIGHEST_FIRST if right.value in held), None)


def _counts(user: AbstractBaseUser | AnonymousUser) -> bool:
    return isinstance(user, User) and user.is_active and user.pk is not None
