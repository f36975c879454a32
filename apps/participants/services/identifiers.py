"""Which codes belong to whom: WMIs of OEMs, provider ids of MOs, operator ids of CPOs.

The values are `v2g.ids` ones, parsed at the edge. A code belongs to one organisation at a time.
"""

from typing import Final

from django.db import transaction

from apps.audit.services import record
from apps.core.actor import Actor, Role
from apps.core.errors import Conflict, Invalid
from apps.participants import models, rights, selectors
from apps.participants.models import Organization
from apps.participants.rights import Operation
from v2g.ids import OperatorId, ProviderId, Wmi

IdentifierModel = type[models.Wmi] | type[models.ProviderId] | type[models.OperatorId]


def assign_wmi(*, actor: Actor, organization: Organization, wmi: Wmi) -> None:
    """Give a WMI to an OEM. Raises Conflict (`identifier_taken`), Invalid (`role_missing`)."""
    _assign(actor, organization, models.Wmi, str(wmi), Role.OEM)


def assign_provider_id(
    *, actor: Actor, organization: Organization, provider_id: ProviderId
) -> None:
    """Give a provider id to an MO. Raises Conflict, Invalid."""
    _assign(actor, organization, models.ProviderId, str(provider_id), Role.MO)


def assign_operator_id(
    *, actor: Actor, organization: Organization, operator_id: OperatorId
) -> None:
    """Give an operator id to a CPO. Raises Conflict, Invalid."""
    _assign(actor, organization, models.OperatorId, str(operator_id), Role.CPO)


def release_wmi(*, actor: Actor, organization: Organization, wmi: Wmi) -> None:
    """Take a WMI away; what was published under it stays until it is withdrawn or ends."""
    _release(actor, organization, models.Wmi, str(wmi))


def release_provider_id(
    *, actor: Actor, organization: Organization, provider_id: ProviderId
) -> None:
    """Take a provider id away."""
    _release(actor, organization, models.ProviderId, str(provider_id))


def release_operator_id(
    *, actor: Actor, organization: Organization, operator_id: OperatorId
) -> None:
    """Take an operator id away."""
    _release(actor, organization, models.OperatorId, str(operator_id))


def _assign(
    actor: Actor, organization: Organization, model: IdentifierModel, value: str, role: Role
) -> None:
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    if role not in selectors.roles_of(organization):
        raise Invalid("role_missing", f"{organization} does not have the role {role.value}.")
    with transaction.atomic():
        row, created = model.objects.get_or_create(
            value=value, defaults={"organization": organization}
        )
        if row.organization_id != organization.pk:
            raise Conflict("identifier_taken", f"{value} belongs to another organisation.")
        if created:
            _record(actor, "participants.assign_identifier", organization, model, value)


def _release(actor: Actor, organization: Organization, model: IdentifierModel, value: str) -> None:
    rights.require(actor, Operation.PARTICIPANTS_MANAGE)
    with transaction.atomic():
        rows = model.objects.filter(organization=organization, value=value)
        deleted, _ = rows.delete()
        if deleted:
            _record(actor, "participants.release_identifier", organization, model, value)


def _record(
    actor: Actor, action: str, organization: Organization, model: IdentifierModel, value: str
) -> None:
    record(
        actor=actor,
        action=action,
        target_type="organization",
        target_id=str(organization.uuid),
        detail={"kind": KINDS[model], "value": value},
    )


KINDS: Final[dict[IdentifierModel, str]] = {
    models.Wmi: "wmi",
    models.ProviderId: "provider_id",
    models.OperatorId: "operator_id",
}
