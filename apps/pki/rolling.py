"""When a CA of ours is to be followed by another, and whether that happens by itself.

A CA is followed while what it issues still lasts as long as its profile says: the overlap of a Sub2
is the life of its leaves, that of a Sub1 the life of a Sub2, that of a root the life of a Sub1.
Both are good meanwhile; the newest one issues.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from apps.keys.backends import BACKENDS
from apps.pki.models import Authority
from v2g.pki.profiles import LEAVES, SUB_CAS, Branch

MARGIN: Final = timedelta(days=90)
"""On top of the overlap, for people to act in."""
GAIN: Final = timedelta(days=30)
"""A successor that ends less than this after its predecessor is none."""


class Obstacle(StrEnum):
    """Why a CA that is due does not get its successor by itself."""

    ROOT = "root"
    """A new root is trusted by two persons, and vehicles have to learn it."""
    KEY_ELSEWHERE = "key_elsewhere"
    """The CA above does not sign here: it is retired, or its key is kept elsewhere."""
    PARENT_ENDS = "parent_ends"
    """The CA above ends too soon, and has no successor itself yet."""


@dataclass(frozen=True, slots=True)
class Due:
    """A CA that is to be followed. `parent` signs the successor, where nothing is in the way."""

    authority: Authority
    parent: Authority | None
    obstacle: Obstacle | None


def overlap(authority: Authority) -> timedelta:
    """Return how long before its end a CA is to be followed."""
    if authority.level == Authority.Level.ROOT:
        longest = max(sub1.max_validity for sub1, _ in SUB_CAS.values())
    elif authority.level == Authority.Level.SUB1:
        longest = SUB_CAS[Branch(authority.purpose)][1].max_validity
    else:
        longest = LEAVES[Branch(authority.purpose)].max_validity
    return longest + MARGIN


def due(*, now: datetime) -> list[Due]:
    """Return the CAs that are to be followed now, those above before those below."""
    rows = Authority.objects.select_related("key").filter(active=True, not_after__gt=now)
    active = list(rows.order_by("level", "pk"))
    return [
        _due(authority, active, now)
        for authority in active
        if authority.not_after - overlap(authority) <= now and not is_followed(authority, active)
    ]


def is_followed(authority: Authority, among: Iterable[Authority]) -> bool:
    """Tell whether another CA does the same work and ends later."""
    return any(
        one.not_after - authority.not_after >= GAIN and _same_work(one, authority) for one in among
    )


def signs_here(authority: Authority) -> bool:
    """Tell whether the CA issues and its key is kept where this house can use it."""
    return authority.active and key_is_here(authority)


def key_is_here(authority: Authority) -> bool:
    """Tell whether this house can sign with the CA's key, be it for its CRLs alone."""
    return authority.key.backend in BACKENDS


def _due(authority: Authority, active: Sequence[Authority], now: datetime) -> Due:
    if authority.level == Authority.Level.ROOT:
        return Due(authority, None, Obstacle.ROOT)
    above = [one for one in active if _could_sign_for(one, authority)]
    parent = max(above, key=lambda one: (one.not_before, one.pk), default=None)
    if parent is None or not signs_here(parent):
        return Due(authority, None, Obstacle.KEY_ELSEWHERE)
    if parent.not_after - authority.not_after < GAIN:
        return Due(authority, None, Obstacle.PARENT_ENDS)
    return Due(authority, parent, None)


def _could_sign_for(one: Authority, authority: Authority) -> bool:
    """The CA above, and those that do the same work as it."""
    parent = authority.parent
    return parent is not None and (one.pk == parent.pk or _same_work(one, parent))


def _same_work(one: Authority, other: Authority) -> bool:
    """Below the same root, so that what they issue reaches what vehicles trust; or both roots."""
    same_place = (one.purpose, one.level) == (other.purpose, other.level)
    return same_place and one.key.curve == other.key.curve and _root(one) == _root(other)


def _root(authority: Authority) -> int | None:
    if authority.level == Authority.Level.ROOT:
        return None
    parent = authority.parent
    while parent is not None and parent.parent_id is not None:
        parent = parent.parent
    return parent.pk if parent else None
