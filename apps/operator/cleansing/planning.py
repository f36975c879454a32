"""What has to leave the pools now: as batches for a run, or in numbers for who looks first.

The order is that of the house: vehicles leave before contracts, because contracts follow them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from apps.contract_pool import cleansing as ccp
from apps.core.cleansing import BATCH, MOST, Sweep
from apps.provisioning_pool import cleansing as pcp
from apps.root_pool import cleansing as rcp

SWEEPS: Final[tuple[Sweep, ...]] = (*rcp.SWEEPS, *pcp.SWEEPS, *ccp.SWEEPS)
ALL_POOLS: Final = tuple(dict.fromkeys(sweep.pool for sweep in SWEEPS))
NAMED: Final = 20
"""Rows that a preview names for each reason."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a run would take out of one pool for one reason; the first few by name."""

    pool: str
    cause: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """The batches of one sweep."""

    sweep: Sweep
    batches: list[list[int]]

    @property
    def found(self) -> int:
        return sum(len(batch) for batch in self.batches)

    def inputs(self) -> Iterator[dict[str, Any]]:
        """The rows of a job."""
        for batch in self.batches:
            yield {"pool": self.sweep.pool, "cause": self.sweep.cause, "keys": batch}


def preview(*, pools: Sequence[str] = ALL_POOLS, at: datetime) -> list[Leaving]:
    """Say what a run would take out now; nothing is written."""
    return [_leaving(sweep, at) for sweep in _of(pools)]


def plan(*, pools: Sequence[str], at: datetime) -> list[Planned]:
    """Find what leaves the pools, each sweep in batches of BATCH keys."""
    return [_planned(sweep, at) for sweep in _of(pools)]


def sweep_of(pool: str, cause: str) -> Sweep:
    """Return the sweep of a batch. Raises KeyError for one that this release does not have."""
    return {(sweep.pool, sweep.cause): sweep for sweep in SWEEPS}[pool, cause]


def _of(pools: Sequence[str]) -> list[Sweep]:
    return [sweep for sweep in SWEEPS if sweep.pool in pools]


def _leaving(sweep: Sweep, at: datetime) -> Leaving:
    due = sweep.due(at)
    names = tuple(one.name for one in islice(due, NAMED))
    return Leaving(sweep.pool, sweep.cause, len(names) + sum(1 for _ in islice(due, MOST)), names)


def _planned(sweep: Sweep, at: datetime) -> Planned:
    if sweep.prepare:
        sweep.prepare()
    keys = list(dict.fromkeys(one.pk for one in islice(sweep.due(at), MOST)))
    return Planned(sweep, [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)])
