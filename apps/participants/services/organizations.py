"""Admitting organisations and changing what they are."""

from collections.abc import Collection
from typing import Any, Final

from django.db import IntegrityError, transaction

from apps.audit.services import record
from apps.core.actor import Actor, Role
from apps.core.errors import Conflict, Invalid
from apps.participants import rights, selectors
from apps.participants.models import Organization, OrganizationRole
from apps.participants.rights import Operation

MAX_NAME: Final = 120
RENEWAL_DAYS: Final = range(1, 366)


def create_organization(
    *, actor: Actor, name: str, roles: Collection[Role], own_pki: bool = False
) -> Organization:
    """Admit an organisation with its roles. Raises Forbidden, Invalid, Conflict (`name_taken`)."""
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Invalid("name", f"A name of 1 to {MAX_NAME} printable characters is needed.")
    if not roles:
        raise Invalid("roles", "At least one role is needed.")
    try:
        with transaction.atomic():
            organization = Organization.objects.create(name=name, own_pki=own_pki)
            OrganizationRole.objects.bulk_create(
                OrganizationRole(organization=organization, role=role.value)
                for role in sorted(set(roles))
            )
            detail = {"name": name, "roles": sorted(set(roles)), "own_pki": own_pki}
            _record(actor, "participants.create_organization", organization, detail)
    except IntegrityError as error:
        raise Conflict("name_taken", "There is an organisation of this name already.") from error
    return organization


def add_role(*, actor: Actor, organization: Organization, role: Role) -> None:
    """Give an organisation one more role; a role that it has is left as it is."""
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    with transaction.atomic():
        _, created = OrganizationRole.objects.get_or_create(
            organization=organization, role=role.value
        )
        if created:
            _record(actor, "participants.add_role", organization, {"role": role.value})


def remove_role(*, actor: Actor, organization: Organization, role: Role) -> None:
    """Take a role away; its API clients lose it with their next reading of the record."""
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    if role is Role.OPERATOR and actor.organization_id == organization.pk:
        raise Conflict("own_operator_role", "The operator cannot take its own role away.")
    with transaction.atomic():
        deleted, _ = organization.role_rows.filter(role=role.value).delete()
        if deleted:
            _record(actor, "participants.remove_role", organization, {"role": role.value})


def set_roles(*, actor: Actor, organization: Organization, roles: Collection[Role]) -> None:
    """Give an organisation these roles and no others. Raises as the two above, Invalid."""
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    if not roles:
        raise Invalid("roles", "At least one role is needed.")
    with transaction.atomic():
        held = selectors.roles_of(organization)
        for role in sorted(set(roles) - held):
            add_role(actor=actor, organization=organization, role=role)
        for role in sorted(held - set(roles)):
            remove_role(actor=actor, organization=organization, role=role)


def set_active(*, actor: Actor, organization: Organization, active: bool) -> None:
    """Suspend an organisation or let it in again: its people and clients follow at once."""
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    if not active and actor.organization_id == organization.pk:
        raise Conflict("own_organization", "You cannot suspend your own organisation.")
    with transaction.atomic():
        changed = Organization.objects.filter(pk=organization.pk, active=not active).update(
            active=active
        )
        if changed:
            _record(actor, "participants.set_active", organization, {"active": active})
    organization.active = active


def change_settings(
    *,
    actor: Actor,
    organization: Organization,
    own_pki: bool | None = None,
    renewal_window_days: int | None = None,
) -> None:
    """Change how contracts of an organisation are handled; None leaves a setting as it is.

    `own_pki` is the operator's to decide; the renewal window (days) also the organisation's own
    administrators'.
    """
    changes: dict[str, Any] = {}
    if own_pki is not None:
        rights.require(actor, Operation.PARTICIPANTS_MANAGE)
        changes["own_pki"] = own_pki
    if renewal_window_days is not None:
        rights.require(actor, Operation.MEMBERS_MANAGE, organization_id=organization.pk)
        if renewal_window_days not in RENEWAL_DAYS:
            raise Invalid("renewal_window_days", "The renewal window is 1 to 365 days.")
        changes["renewal_window_days"] = renewal_window_days
    if not changes:
        return
    with transaction.atomic():
        Organization.objects.filter(pk=organization.pk).update(**changes)
        _record(actor, "participants.change_settings", organization, changes)
    for name, value in changes.items():
        setattr(organization, name, value)


def _record(actor: Actor, action: str, organization: Organization, detail: dict[str, Any]) -> None:
    record(
        actor=actor,
        action=action,
        target_type="organization",
        target_id=str(organization.uuid),
        detail=detail,
    )
