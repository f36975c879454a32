"""A vehicle leaves the pool; its contracts follow by `signals.withdrawn`."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.audit import services as audit
from apps.core import locks
from apps.core.actor import Actor
from apps.participants.rights import Operation, require
from apps.provisioning_pool import signals
from apps.provisioning_pool.messages import foreign_owner, not_found
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Pcid

_BATCH = 500


def withdraw(*, actor: Actor, pcid: Pcid, note: str = "") -> None:
    """Take one vehicle out of the pool (OPCP deleteOEMProvCert).

    `note` says why, in a person's words, for the audit.
    Raises Forbidden for a foreign WMI or another owner, NotFound for a PCID that is not there.
    """
    require(actor, Operation.PCP_WITHDRAW, wmi=pcid.wmi)
    with transaction.atomic():
        locks.hold(f"pcid:{pcid}")
        row = ProvisioningCertificate.objects.filter(pcid=str(pcid)).first()
        if row is None:
            raise not_found()
        if row.owner_id != actor.organization_id:
            raise foreign_owner()
        remove(actor=actor, rows=[row], reason="withdrawn", note=note)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many vehicles left, and how many contracts ended with them, each told to its MO."""

    vehicles: int = 0
    contracts: int = 0


def withdraw_many(*, actor: Actor, pcids: Sequence[str], reason: str) -> int:
    """Take vehicles out whose certificates no longer count (revoked, expired); return how many.

    PCIDs that are not there are passed over. Raises Forbidden for others than the operator and
    the system.
    """
    require(actor, Operation.POOLS_CLEANSE)
    with transaction.atomic():
        locks.hold_all(f"pcid:{pcid}" for pcid in pcids)
        rows = list(ProvisioningCertificate.objects.filter(pcid__in=pcids).order_by("pcid"))
        remove(actor=actor, rows=rows, reason=reason)
    return len(rows)


def withdraw_below(*, actor: Actor, sub_ca_id: int, reason: str) -> int:
    """Take at most 500 vehicles out that hang on a sub-CA; return how many, 0 at the end."""
    below = ProvisioningCertificate.objects.below(sub_ca_id).order_by("pk")
    pcids = list(below.values_list("pcid", flat=True)[:_BATCH])
    return withdraw_many(actor=actor, pcids=pcids, reason=reason)


def remove(
    *, actor: Actor, rows: Sequence[ProvisioningCertificate], reason: str, note: str = ""
) -> Withdrawn:
    """Delete rows whose PCIDs the open transaction holds, log each one and tell the apps above.

    Receivers return how many rows of theirs followed.
    """
    if not rows:
        return Withdrawn()
    pcids = [row.pcid for row in rows]
    ProvisioningCertificate.objects.filter(pk__in=[row.pk for row in rows]).delete()
    audit.record_many(
        actor=actor,
        action="provisioning_pool.withdraw",
        entries=[
            audit.Entry(
                target_type="vehicle",
                target_id=row.pcid,
                reason=note or reason,
                detail={"fingerprint": bytes(row.fingerprint).hex(), "owner": row.owner_id},
            )
            for row in rows
        ],
    )
    followed = signals.withdrawn.send(
        sender=ProvisioningCertificate, pcids=pcids, reason=reason, actor=actor
    )
    return Withdrawn(len(rows), sum(int(count or 0) for _, count in followed))
