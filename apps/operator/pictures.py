"""The bars beside the tables of the pools: widths in percent of the longest one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.operator.pools import Holder, Pool

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar. `key` names its colour and its place in the legend."""

    key: str
    percent: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a picture: its name, its parts, and the sentence for those who do not see it."""

    title: Text
    parts: tuple[Part, ...]
    sentence: str


def endings(pools: Sequence[Pool]) -> list[Bar]:
    """Draw what has ended and what ends within 30, 31 to 60 and 61 to 90 days, pool by pool."""
    sizes = [_stretches(pool) for pool in pools]
    longest = max((sum(size.values()) for size in sizes), default=0)
    return [
        Bar(pool.title, _parts(size, longest), _sentence(pool))
        for pool, size in zip(pools, sizes, strict=True)
    ]


def shares(holders: Sequence[Holder]) -> list[tuple[Holder, int]]:
    """Pair each holder with its share of the largest one."""
    largest = max((one.size for one in holders), default=0)
    return [(one, _percent(one.size, largest)) for one in holders]


def _stretches(pool: Pool) -> dict[str, int]:
    """The periods hold each other; two estimates may still fall."""
    first, second, third = (figure.amount.size for figure in pool.within)
    return {
        "expired": pool.expired.amount.size,
        "first": first,
        "second": max(0, second - first),
        "third": max(0, third - max(first, second)),
    }


def _parts(sizes: dict[str, int], longest: int) -> tuple[Part, ...]:
    return tuple(Part(key, _percent(size, longest)) for key, size in sizes.items() if size)


def _percent(size: int, longest: int) -> int:
    return max(1, round(100 * size / longest)) if size else 0


def _sentence(pool: Pool) -> str:
    return _("%(pool)s: %(expired)s expired, %(ending)s end within 90 days") % {
        "pool": pool.title,
        "expired": pool.expired.amount.text,
        "ending": pool.within[-1].amount.text,
    }
