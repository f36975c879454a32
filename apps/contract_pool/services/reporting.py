"""What was handed out is told to the MO of the contract, apart from the request that fetched it."""

from collections.abc import Iterable
from typing import Final

from django.db import transaction

from apps.contract_pool import telling
from apps.contract_pool.models import Contract, Delivery
from apps.core import locks

LOCK: Final = "contract_pool.tell_deliveries"
BATCH: Final = 500
BATCHES: Final = 20

_Way = tuple[int | None, str]


def tell_deliveries() -> int:
    """Emit mo.contract.delivered.to.oem, once per contract data and way; return how many rows.

    At most 20 batches of 500 rows, each in a transaction of its own: what is told and the mark on
    the rows are one change, so a sweep that dies or runs twice tells nothing twice. The PCIDs are
    locked, because the events of a vehicle stand in the order in which they happened.
    """
    seen = 0
    for _ in range(BATCHES):
        rows = _untold()
        if not rows:
            break
        _tell(rows)
        seen += len(rows)
    return seen


def _untold() -> list[Delivery]:
    return list(Delivery.objects.untold().order_by("id")[:BATCH])


def _tell(found: list[Delivery]) -> None:
    with transaction.atomic():
        locks.hold_all([LOCK, *sorted({f"pcid:{row.pcid}" for row in found})])
        rows = list(
            Delivery.objects.untold().filter(pk__in=[row.pk for row in found]).order_by("id")
        )
        contracts = Contract.objects.in_bulk({row.contract_id for row in rows if row.contract_id})
        first = [row for row in _first_ones(rows) if row.contract_id in contracts]
        telling.mo_delivered(contracts[row.contract_id] for row in first if row.contract_id)
        told = {row.pk for row in first}
        _mark(told, Delivery.Notice.TOLD)
        _mark({row.pk for row in rows} - told, Delivery.Notice.SILENT)


def _first_ones(rows: Iterable[Delivery]) -> list[Delivery]:
    """Pick the first row of each contract data and way, where none was told before."""
    first: dict[_Way, Delivery] = {}
    for row in rows:
        first.setdefault((row.contract_data_id, row.way), row)
    before = Delivery.objects.filter(
        notice=Delivery.Notice.TOLD, contract_data_id__in=[data_id for data_id, _ in first]
    )
    for known in before.values_list("contract_data_id", "way"):
        first.pop(known, None)
    return list(first.values())


def _mark(keys: set[int], notice: Delivery.Notice) -> None:
    Delivery.objects.filter(pk__in=keys).update(notice=notice)
