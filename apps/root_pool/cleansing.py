"""What leaves the RCP: roots that ended."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from apps.core.actor import system
from apps.core.cleansing import Due, Removed, Sweep
from apps.root_pool import services
from apps.root_pool.models import RootCertificate

CLEANSER: Final = system("root_pool.cleanse")


def expired(at: datetime) -> Iterator[Due]:
    """Trusted roots that ended before the instant; the pool holds few rows."""
    rows = RootCertificate.objects.trusted().filter(not_after__lt=at).order_by("not_after", "pk")
    return (Due(root.pk, str(root)) for root in rows)


def remove_expired(*, pks: Sequence[int], at: datetime) -> Removed:
    """Take them out and tell everybody."""
    count = services.expire(actor=CLEANSER, pks=pks, at=at)
    return Removed(removed=count, told=count)


SWEEPS: Final = (Sweep("rcp", "expired", expired, remove_expired),)
