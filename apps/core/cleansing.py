"""What a pool tells of the rows that have to leave it; the runs of the operator work them off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

BATCH: Final = 200
"""Rows that leave in one transaction."""
MOST: Final = 1_000_000
"""Rows of one sweep in one run; the next run finds the others."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row that has to leave: its key, and what people call it."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a batch: rows that left, rows of the pool above that followed, events."""

    removed: int = 0
    followed: int = 0
    told: int = 0


class Remover(Protocol):
    """Takes rows out that still have to leave at the instant; the others are passed over."""

    def __call__(self, *, pks: Sequence[int], at: datetime) -> Removed:
        """Remove in one transaction, with an audit event for each row and its reason."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One reason for which rows leave one pool.

    `due` finds them by an index, in batches of keys, and writes nothing; `remove` is idempotent.
    `prepare` runs before a real run looks.
    """

    pool: str
    cause: str
    due: Callable[[datetime], Iterator[Due]]
    remove: Remover
    prepare: Callable[[], object] | None = None
