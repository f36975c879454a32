"""Which rows of the CCP the portal lists for whom: a party its own ones, the operator all."""

from django.db.models import QuerySet

from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.actor import Actor, Role
from apps.participants import rights
from v2g.ids import Pcid


def visible(viewer: Actor) -> QuerySet[Contract]:
    """Return the contracts of the viewer's organisation."""
    if viewer.has(Role.OPERATOR):
        return Contract.objects.all()
    if not viewer.has(Role.MO) or viewer.organization_id is None:
        return Contract.objects.none()
    return Contract.objects.filter(mo_id=viewer.organization_id)


def visible_data(viewer: Actor) -> QuerySet[ContractData]:
    """Return the contract data of those contracts."""
    if viewer.has(Role.OPERATOR):
        return ContractData.objects.all()
    if not viewer.has(Role.MO) or viewer.organization_id is None:
        return ContractData.objects.none()
    return ContractData.objects.filter(contract__mo_id=viewer.organization_id)


def visible_deliveries(viewer: Actor) -> QuerySet[Delivery]:
    """Return what the viewer's organisation asked for at charge points or as an OEM backend."""
    if viewer.has(Role.OPERATOR):
        return Delivery.objects.all()
    if not viewer.roles & {Role.CPO, Role.OEM} or viewer.organization_id is None:
        return Delivery.objects.none()
    return Delivery.objects.filter(organization_id=viewer.organization_id)


def deliveries_of_vehicle(viewer: Actor, pcid: Pcid) -> QuerySet[Delivery]:
    """Return what was fetched for a vehicle, wherever it was, the newest first; for its OEM.

    At which operator's charge points that was is not the OEM's business: show nothing of
    `organization` and `caller`. Raises Forbidden.
    """
    rights.require(viewer, rights.Operation.CCP_CONTRACTS_OF_VEHICLE, wmi=pcid.wmi)
    return Delivery.objects.filter(pcid=str(pcid)).order_by("-id")
