"""Which rows of the CCP the portal lists for whom: a party its own ones, the operator all."""

from django.db.models import QuerySet

from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.actor import Actor, Role
from apps.participants import rights
from apps.provisioning_pool import selectors as pcp
from v2g.ids import Emaid, Pcid


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


def own_vehicle_of(viewer: Actor, emaid: Emaid) -> Pcid | None:
    """Return the vehicle of an OEM's own that a contract runs for, as its page shows it too."""
    contract = Contract.objects.running().filter(emaid_key=emaid.key).first()
    if contract is None:
        return None
    pcid = Pcid(contract.pcid)
    wmi = pcid.wmi
    if not rights.may_on(viewer, rights.Operation.CCP_CONTRACTS_OF_VEHICLE, wmi=wmi):
        return None
    return pcid if pcp.visible(viewer).filter(pcid=contract.pcid).exists() else None
