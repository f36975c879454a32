"""Periodic provisioning: contracts whose certificate ends are renewed ahead of it, as jobs.

Who plans notes on each contract that it is asked for, in the transaction that starts the job, so
that two planners at once order it once. A row names the certificates that it follows; one that has
others by then was renewed already, and is left alone.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy
from structlog import get_logger

from apps.contract_pool import due
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import certificates_of
from apps.core import locks
from apps.core.errors import Unavailable
from apps.jobs import registry
from apps.participants.models import Organization
from apps.participants.selectors import actor_for
from apps.pki import selectors as pki
from apps.pki.models import Authority
from apps.provisioning_service.services import bulk

log = get_logger(__name__)

PART: Final = "provisioning_service.renewals"
KIND: Final = registry.register(
    "provisioning_service.renew",
    task=bulk.TASK,
    title=gettext_lazy("Renewal of contracts"),
    columns=("pcid", "emaid", "begins", "ends"),
)
MOST: Final = 10_000
"""Contracts of one MO in one job; the next run takes the next ones."""


def plan_renewals(*, now: datetime) -> int:
    """Start a job for each MO that has contracts to renew; return how many contracts that is.

    At most MOST of an MO at a time, what ends first before the others. What failed is tried again
    a day later.
    """
    try:
        authority = pki.authority_for(purpose=Authority.Purpose.MO, at=now)
    except Unavailable as error:
        log.warning("no_renewals", reason=error.code)
        return 0
    return sum(_plan(mo, authority, now) for mo in due.mobility_operators())


def _plan(mo: Organization, authority: Authority, now: datetime) -> int:
    with transaction.atomic():
        locks.hold(f"{PART}:{mo.pk}")
        found = due.to_renew(mo, before=authority.not_after, now=now, limit=MOST)
        if found:
            due.note_asked(found, now=now)
            has = certificates_of(found)
            rows = [_row(contract, has[contract.emaid_key]) for contract in found]
            actor = actor_for(organization=mo, part=PART)
            bulk.start(actor=actor, rows=rows, kind=KIND)
    return len(found)


def _row(contract: Contract, replaces: frozenset[bytes]) -> dict[str, str]:
    return {
        "pcid": contract.pcid,
        "emaid": contract.emaid,
        "begins": contract.begins.isoformat(),
        "ends": contract.ends.isoformat(),
        "replaces": " ".join(sorted(fingerprint.hex() for fingerprint in replaces)),
    }
