"""What leaves the PCP: vehicles whose certificate expired, was revoked, or hangs on a lost CA.

Nothing here reads the pool: the ended are found by the index on the end, the revoked by the
revocations, and the others by the CA above them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from apps.core.actor import system
from apps.core.cleansing import MOST, Due, Removed, Sweep
from apps.core.web.paging import in_batches
from apps.pki import status
from apps.provisioning_pool import selectors, services
from apps.provisioning_pool.models import ProvisioningCertificate, VehicleQuerySet
from apps.provisioning_pool.services import Withdrawn
from apps.root_pool import lost

CLEANSER: Final = system("provisioning_pool.cleanse")
PAGE: Final = 1000


def expired(at: datetime) -> Iterator[Due]:
    """Those whose own certificate ended before the instant."""
    return _due(ProvisioningCertificate.objects.expired(at).order_by("not_after", "pk"))


def revoked(at: datetime) -> Iterator[Due]:
    """Those whose certificate a stored answer of a foreign CRL or OCSP responder calls revoked."""
    for keys in status.revoked_for_good():
        yield from (Due(row.pk, row.pcid) for row in selectors.with_keys(keys))


def cleared(at: datetime) -> Iterator[Due]:
    """Those below a CA that counts no more, where that is clear."""
    found = lost.cleared(at)
    for root in found.roots:
        yield from _due(ProvisioningCertificate.objects.filter(root=root).order_by("pk"))
    for sub_ca in found.sub_cas:
        yield from _due(ProvisioningCertificate.objects.below(sub_ca).order_by("pk"))


def remove_expired(*, pks: Sequence[int], at: datetime) -> Removed:
    """Withdraw them; their contracts follow."""
    return _removed(services.withdraw_expired(actor=CLEANSER, pks=pks, at=at))


def remove_revoked(*, pks: Sequence[int], at: datetime) -> Removed:
    """Withdraw them; their contracts follow."""
    return _removed(services.withdraw_revoked(actor=CLEANSER, pks=pks))


def remove_cleared(*, pks: Sequence[int], at: datetime) -> Removed:
    """Withdraw them; their contracts follow."""
    return _removed(services.withdraw_cleared(actor=CLEANSER, pks=pks, at=at))


def _due(rows: VehicleQuerySet) -> Iterator[Due]:
    narrow = rows.only("pk", "pcid", "not_after")
    return (Due(row.pk, row.pcid) for row in in_batches(narrow, most=MOST, size=PAGE))


def _removed(done: Withdrawn) -> Removed:
    return Removed(removed=done.vehicles, followed=done.contracts, told=done.contracts)


SWEEPS: Final = (
    Sweep("pcp", "expired", expired, remove_expired),
    Sweep("pcp", "revoked", revoked, remove_revoked, prepare=services.learn_serials),
    Sweep("pcp", "ca", cleared, remove_cleared),
)
