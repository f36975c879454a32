"""When a CPS signer is to be followed, and what keeps the data of a V2G root from being signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from apps.core.errors import Unavailable
from apps.pki import selectors as pki
from apps.pki.models import Authority
from apps.pki.rolling import GAIN, signs_here
from apps.provisioning_service import selectors
from apps.provisioning_service.models import Signer
from apps.root_pool.models import RootCertificate
from v2g.protocol import IsoVersion

AHEAD: Final = timedelta(days=120)
"""So long before its path ends a signer is followed; its data is signed again 60 days later."""


class Obstacle(StrEnum):
    """Why a signer that is due does not get its successor by itself."""

    NO_AUTHORITY = "no_authority"
    """No CPS authority below this root issues here."""
    AUTHORITY_ENDS = "authority_ends"
    """What issues signers, or stands above it, ends too soon."""
    REVOKED = "revoked"
    """The last signer of the root was revoked: whether there is to be another, people say."""


@dataclass(frozen=True, slots=True)
class Due:
    """The signer of a root that is to be followed, and what is in the way, if anything."""

    signer: Signer
    obstacle: Obstacle | None


def due(*, now: datetime) -> list[Due]:
    """Return the newest signer of each trusted V2G root that has nobody for the time after it."""
    return [found for newest in _newest() if (found := _due(newest, now)) is not None]


def _newest() -> Iterator[Signer]:
    """The signer that lasts longest of each root that is trusted, an active one before others."""
    roots = RootCertificate.objects.trusted()
    rows = Signer.objects.filter(root__in=roots).select_related(
        "root", "sub_ca1", "sub_ca2", "certificate"
    )
    seen: set[tuple[int, str]] = set()
    for signer in rows.order_by("-active", "-not_after", "-pk"):
        place = signer.root_id, signer.namespace
        if place not in seen:
            seen.add(place)
            yield signer


def _due(signer: Signer, now: datetime) -> Due | None:
    ends = selectors.end_of(signer)
    if not signer.active:
        return Due(signer, Obstacle.REVOKED)
    if ends - AHEAD > now:
        return None
    try:
        authority = pki.authority_for(
            purpose=Authority.Purpose.CPS,
            at=now,
            root=bytes(signer.root.fingerprint),
            version=IsoVersion.parse(signer.namespace),
        )
    except Unavailable:
        return Due(signer, Obstacle.NO_AUTHORITY)
    if not signs_here(authority):
        return Due(signer, Obstacle.NO_AUTHORITY)
    lasts = min(one.not_after for one in pki.path_of(authority))
    return Due(signer, Obstacle.AUTHORITY_ENDS if lasts - ends < GAIN else None)
