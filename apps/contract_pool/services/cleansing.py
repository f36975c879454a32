"""Contracts and their data leave the pool because they ended or count no more.

Each function looks at its rows again under the locks of their PCIDs: what was renewed or ended
meanwhile is passed over.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.audit import services as audit
from apps.contract_pool import leavers
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.models.contracts import ContractDataQuerySet, ContractQuerySet
from apps.contract_pool.services import leaving
from apps.core import locks
from apps.core.actor import Actor
from apps.core.cleansing import Removed
from apps.participants.rights import Operation, require
from apps.root_pool import lost


def end_due(*, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
    """End those of the contracts whose last day is over, as their MO would have done (Forbidden).

    What our MO CA issued for them and is still valid is revoked.
    """
    require(actor, Operation.POOLS_CLEANSE)
    with transaction.atomic():
        due = _held(Contract.objects.filter(pk__in=pks)).filter(ends__lt=at)
        left = leaving.leave(actor=actor, contracts=due, reason="expired", now=at)
        leaving.revoke_own(actor=actor, contracts=left, now=at)
        return Removed(removed=len(left), told=leaving.tell_owners(left))


def end_revoked(*, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
    """End the contracts whose foreign certificate stored answers call revoked (Forbidden).

    `pks` are keys of contract data.
    """
    require(actor, Operation.POOLS_CLEANSE)
    data = ContractData.objects.filter(pk__in=pks)
    with transaction.atomic():
        running = _held(_of(data))
        gone = leavers.revoked_among(data.filter(contract__in=running))
        return _leave(actor, running.filter(pk__in=gone), "certificate_revoked", at)


def end_cleared(*, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
    """End the contracts below a CA that counts no more and may be cleared (Forbidden).

    `pks` are keys of contract data.
    """
    require(actor, Operation.POOLS_CLEANSE)
    data = ContractData.objects.filter(pk__in=pks)
    with transaction.atomic():
        running = _held(_of(data))
        found = lost.cleared(at, sub_cas=_above(data))
        done = Removed()
        for reason, rows in leavers.hanging(found).items():
            hit = rows.filter(pk__in=pks).values("contract_id")
            left = _leave(actor, running.filter(pk__in=hit), reason, at)
            done = Removed(done.removed + left.removed, told=done.told + left.told)
        return done


def drop_expired(*, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
    """Delete contract data whose contract certificate ended before the instant (Forbidden).

    The contract runs on if its time is not over, and may be given new data.
    """
    data = ContractData.objects.filter(pk__in=pks, certificate_not_after__lt=at)
    return _drop(actor, data, "certificate_expired")


def drop_unrooted(*, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
    """Delete contract data for vehicles with a root that counts no more and may be cleared.

    What the contract has for other roots stays. Raises Forbidden.
    """
    found = lost.cleared(at, sub_cas=())
    data = ContractData.objects.filter(pk__in=pks, root__in=list(found.roots))
    return _drop(actor, data, "root_gone")


def _drop(actor: Actor, data: ContractDataQuerySet, reason: str) -> Removed:
    """Delete rows; where a contract has no data left, the owner of its vehicle is told."""
    require(actor, Operation.POOLS_CLEANSE)
    with transaction.atomic():
        contracts = _held(Contract.objects.filter(pk__in=data.values("contract_id")))
        rows = list(data.select_related("contract").order_by("pk"))
        audit.record_many(
            actor=actor,
            action="contract_pool.drop_data",
            entries=[_entry(row, reason) for row in rows],
        )
        keys = list(contracts.values_list("pk", flat=True))
        ContractData.objects.filter(pk__in=[row.pk for row in rows]).delete()
        bare = Contract.objects.running().filter(pk__in=keys, data=None).order_by("pk")
        return Removed(removed=len(rows), told=leaving.tell_owners(list(bare)))


def _leave(actor: Actor, contracts: ContractQuerySet, reason: str, at: datetime) -> Removed:
    left = leaving.leave(actor=actor, contracts=contracts, reason=reason, now=at)
    return Removed(removed=len(left), told=leaving.tell_owners(left))


def _of(data: ContractDataQuerySet) -> ContractQuerySet:
    return Contract.objects.filter(pk__in=list(data.values_list("contract_id", flat=True)))


def _held(contracts: ContractQuerySet) -> ContractQuerySet:
    """Hold PCID and EMAID of contracts; return those that still run."""
    names = list(contracts.values_list("pcid", "emaid_key"))
    locks.hold_all([*(f"pcid:{pcid}" for pcid, _ in names), *(f"emaid:{key}" for _, key in names)])
    return contracts.running().order_by("pk")


def _above(data: ContractDataQuerySet) -> set[int]:
    keys = data.values_list("contract_sub_ca1", "contract_sub_ca2")
    return {key for pair in keys for key in pair if key}


def _entry(row: ContractData, reason: str) -> audit.Entry:
    return audit.Entry(
        target_type="contract_data",
        target_id=row.contract.emaid_key,
        reason=reason,
        detail={
            "pcid": row.contract.pcid,
            "emaid": row.contract.emaid,
            "certificate": bytes(row.certificate_fingerprint).hex(),
            "root": row.root_id,
        },
    )
