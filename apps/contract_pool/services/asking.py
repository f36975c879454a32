"""An MO with its own CA is asked for new contract data ahead of the end of its certificate."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.audit import services as audit
from apps.contract_pool import due, telling
from apps.contract_pool.models import Contract
from apps.core import locks
from apps.core.actor import Actor
from apps.participants.models import Organization

BATCH: Final = 500
BATCHES: Final = 20


def ask_mos(*, actor: Actor, now: datetime) -> int:
    """Emit mo.contract.renewal.due for each contract in the window, once; return how many.

    They stand on the list of the MO from then on, until new data is stored. At most 20 batches of
    500 for each MO, each in a transaction of its own that holds the PCIDs.
    """
    return sum(_ask(actor, mo, now) for mo in due.mobility_operators())


def _ask(actor: Actor, mo: Organization, now: datetime) -> int:
    asked = 0
    for _ in range(BATCHES):
        found = list(due.to_ask(mo, now=now)[:BATCH])
        if not found:
            break
        asked += _ask_for(actor, mo, found, now)
    return asked


def _ask_for(actor: Actor, mo: Organization, found: Sequence[Contract], now: datetime) -> int:
    with transaction.atomic():
        locks.hold_all(f"pcid:{contract.pcid}" for contract in found)
        keys = [contract.pk for contract in found]
        still = list(due.to_ask(mo, now=now).filter(pk__in=keys))
        due.note_asked(still, now=now)
        telling.mo_renewal_due(still)
        if still:
            entries = [_entry(contract) for contract in still]
            audit.record_many(actor=actor, action="contract_pool.ask_renewal", entries=entries)
    return len(still)


def _entry(contract: Contract) -> audit.Entry:
    detail = {"pcid": contract.pcid, "emaid": contract.emaid}
    return audit.Entry(target_type="contract", target_id=contract.emaid_key, detail=detail)
