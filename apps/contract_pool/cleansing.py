"""What leaves the CCP: contracts that ended, and data whose certificates count no more.

Nothing here reads the pool: the ended are found by the indexes on their ends, the revoked by the
revocations, and the others by the CA above them. Data that only its signer's end made useless
stays, because it is signed anew without the contract key.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from apps.contract_pool import leavers, services
from apps.contract_pool.models import ContractData
from apps.core.actor import Actor, system
from apps.core.cleansing import MOST, Due, Removed, Sweep
from apps.core.web.paging import in_batches
from apps.pki import status
from apps.root_pool import lost

CLEANSER: Final = system("contract_pool.cleanse")
PAGE: Final = 1000


def ended(at: datetime) -> Iterator[Due]:
    """Running contracts whose last day is over."""
    rows = leavers.ended(at).order_by("ends", "pk").only("pk", "emaid", "ends")
    return (Due(row.pk, row.emaid) for row in in_batches(rows, most=MOST, size=PAGE))


def expired(at: datetime) -> Iterator[Due]:
    """Data whose contract certificate ended before the instant."""
    return _due(leavers.with_ended_certificate(at).order_by("certificate_not_after", "pk"))


def revoked(at: datetime) -> Iterator[Due]:
    """Data whose contract certificate a stored answer of a foreign CA calls revoked."""
    for keys in status.revoked_for_good():
        yield from (Due(row.pk, row.contract.emaid) for row in leavers.with_keys(keys))


def cleared(at: datetime) -> Iterator[Due]:
    """Data whose contract certificate hangs on a CA that counts no more, where that is clear."""
    for rows in leavers.hanging(lost.cleared(at)).values():
        yield from _due(rows.order_by("pk"))


def unrooted(at: datetime) -> Iterator[Due]:
    """Data for vehicles with a root that counts no more, where that is clear."""
    found = lost.cleared(at, sub_cas=())
    return _due(ContractData.objects.filter(root__in=list(found.roots)).order_by("pk"))


class _Service(Protocol):
    def __call__(self, *, actor: Actor, pks: Sequence[int], at: datetime) -> Removed:
        """Remove a batch."""


def _as_cleanser(service: _Service) -> partial[Removed]:
    return partial(service, actor=CLEANSER)


def _due(rows: Any) -> Iterator[Due]:
    narrow = rows.select_related("contract").only("pk", "certificate_not_after", "contract__emaid")
    return (Due(row.pk, row.contract.emaid) for row in in_batches(narrow, most=MOST, size=PAGE))


SWEEPS: Final = (
    Sweep("ccp", "ended", ended, _as_cleanser(services.end_due)),
    Sweep("ccp", "revoked", revoked, _as_cleanser(services.end_revoked)),
    Sweep("ccp", "ca", cleared, _as_cleanser(services.end_cleared)),
    Sweep("ccp", "root", unrooted, _as_cleanser(services.drop_unrooted)),
    Sweep("ccp", "expired", expired, _as_cleanser(services.drop_expired)),
)
