"""Which contracts need new data now, found over indexes that hold those alone.

Once a successor was asked for, a contract is looked at again a day later: it was renewed by then,
or what stood against it may have gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from apps.contract_pool.models import Contract
from apps.contract_pool.models.contracts import ContractQuerySet
from apps.contract_pool.renewal import SAME_END
from apps.core.actor import Role
from apps.participants.models import Organization

AGAIN_AFTER: Final = timedelta(days=1)
BATCH: Final = 500


def mobility_operators() -> QuerySet[Organization]:
    """Return the active organisations that have contracts."""
    mos = Organization.objects.filter(active=True, role_rows__role=Role.MO)
    return mos.order_by("pk")


def to_renew(
    mo: Organization, *, before: datetime, now: datetime, limit: int
) -> Sequence[Contract]:
    """Return contracts whose certificate our MO CA made and has to follow now; what ends first.

    The CA ends `before`: a certificate that lasts as long as it needs no successor of the same
    end. The rows are held until the caller's transaction ends; those that others hold are left out.
    """
    found: list[Contract] = []
    for rows in (unasked(mo, now=now), failing(mo.pk, now=now)):
        ours = rows.filter(made_by_us=True, ends__gt=now, successor_by__lte=before - SAME_END)
        free = _in_window(ours, mo, now).select_for_update(skip_locked=True, of=("self",))
        found += free[: limit - len(found)]
    return found


def unasked(mo: Organization, *, now: datetime) -> ContractQuerySet:
    """Return contracts in the window of their MO whose successor nobody asked for yet."""
    rows = Contract.objects.to_renew().filter(mo=mo, renewal_asked_at__isnull=True)
    return _in_window(rows, mo, now).order_by("successor_by", "id")


def to_ask(mo: Organization, *, now: datetime) -> ContractQuerySet:
    """Return contracts whose certificate a CA of the MO made, and that the MO was not asked for."""
    return unasked(mo, now=now).filter(made_by_us=False)


def asked(mo_id: int) -> ContractQuerySet:
    """Return contracts that wait for contract data of the MO's own CA; what ends first."""
    rows = Contract.objects.to_renew().filter(mo=mo_id, made_by_us=False)
    return rows.filter(renewal_asked_at__isnull=False).order_by("successor_by", "id")


def failing(mo_id: int, *, now: datetime) -> ContractQuerySet:
    """Return contracts that were to be renewed here over a day ago, and were not."""
    rows = Contract.objects.to_renew().filter(mo=mo_id, made_by_us=True, ends__gt=now)
    rows = rows.filter(renewal_asked_at__lte=now - AGAIN_AFTER)
    return rows.order_by("successor_by", "id")


def note_asked(contracts: Sequence[Contract], *, now: datetime) -> None:
    """Note that successors are asked for, in the transaction that asks."""
    keys = [contract.pk for contract in contracts]
    for start in range(0, len(keys), BATCH):
        part = Contract.objects.filter(pk__in=keys[start : start + BATCH])
        part.update(renewal_asked_at=now)


def _in_window(rows: ContractQuerySet, mo: Organization, now: datetime) -> ContractQuerySet:
    return rows.filter(successor_by__lte=now + timedelta(days=mo.renewal_window_days))
