"""How contracts leave the pool: their data goes, the row stays as the history of the EMAID."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.audit import services as audit
from apps.contract_pool import selectors, telling
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Actor
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.pki.services import revoke_held

BATCH = 500


def leave(
    *, actor: Actor, contracts: Iterable[Contract], reason: str, now: datetime, note: str = ""
) -> list[Contract]:
    """End those of the contracts that still run, and return them; data is deleted.

    Runs inside the caller's transaction, which tells the parties. The default flag goes with the
    contract: no other one takes its place [OPCP setDefaultContract].
    """
    ended = []
    for contract in contracts:
        still_running = Contract.objects.filter(pk=contract.pk, state=Contract.State.RUNNING)
        changed = still_running.update(
            state=Contract.State.ENDED, is_default=False, ended_at=now, end_reason=reason[:60]
        )
        if changed:
            ended.append(contract)
    for start in range(0, len(ended), BATCH):
        keys = [contract.pk for contract in ended[start : start + BATCH]]
        ContractData.objects.filter(contract_id__in=keys).delete()
    if ended:
        audit.record_many(
            actor=actor,
            action="contract_pool.end",
            entries=[_entry(contract, note or reason) for contract in ended],
        )
    return ended


def revoke_own(*, actor: Actor, contracts: Sequence[Contract], now: datetime) -> None:
    """Revoke every unexpired certificate that our MO CA issued for these EMAIDs.

    Also those that an update replaced: a vehicle may still hold one. Certificates of an MO's own
    CA are that MO's to revoke. The caller's transaction holds the PCIDs of the contracts.
    """
    named: list[IssuedCertificate] = []
    for contract in contracts:
        named += selectors.issued_for(contract, now=now)
    revoke_held(actor=actor, certificates=named, reason=RevocationReason.CESSATION)


def tell_owners(contracts: Sequence[Contract]) -> int:
    """Emit oem.contract.deleted to the owners of the vehicles that are still in the PCP.

    Return how many were told.
    """
    return sum(telling.oem_deleted(contract) for contract in contracts)


def _entry(contract: Contract, reason: str) -> audit.Entry:
    return audit.Entry(
        target_type="contract",
        target_id=contract.emaid_key,
        reason=reason,
        detail={"pcid": contract.pcid, "emaid": contract.emaid, "was_default": contract.is_default},
    )
