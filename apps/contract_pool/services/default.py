"""setDefaultContract: the OEM chooses which contract a charge point hands out."""

from django.db import transaction

from apps.audit import services as audit
from apps.contract_pool.models import Contract
from apps.core import locks
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.participants import rights
from v2g.ids import Emaid, Pcid


def set_default(*, actor: Actor, pcid: Pcid, emaid: Emaid) -> Contract:
    """Make a running contract of the vehicle its default; asking again changes nothing.

    Raises Forbidden, NotFound.
    """
    rights.require(actor, rights.Operation.CCP_SET_DEFAULT, wmi=pcid.wmi)
    with transaction.atomic():
        locks.hold(f"pcid:{pcid}", f"emaid:{emaid.key}")
        of_vehicle = Contract.objects.running().filter(pcid=str(pcid))
        contract = of_vehicle.filter(emaid_key=emaid.key).first()
        if contract is None:
            raise NotFound("contract_not_found", "The contract for the given EMAID not found.")
        if contract.is_default:
            return contract
        # Cleared first: at most one default per PCID holds at every moment.
        before = of_vehicle.filter(is_default=True)
        replaced = list(before.values_list("emaid_key", flat=True))
        before.update(is_default=False)
        of_vehicle.filter(pk=contract.pk).update(is_default=True)
        contract.is_default = True
        audit.record(
            actor=actor,
            action="contract_pool.set_default",
            target_type="contract",
            target_id=contract.emaid_key,
            detail={"pcid": contract.pcid, "replaced": replaced},
        )
    return contract
