"""Locks on names (a PCID, an EMAID) for the rest of the current transaction."""

import hashlib
from collections.abc import Iterable
from typing import Final

from django.db import connection

_LOCK: Final = """
SELECT CASE WHEN s THEN pg_advisory_xact_lock_shared(k) ELSE pg_advisory_xact_lock(k) END
FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(k, s)
"""


def hold(*names: str) -> None:
    """Hold a lock on each name until the open transaction ends.

    PostgreSQL: transaction-level advisory locks, taken in sorted order so that two batches
    cannot wait for each other. SQLite: BEGIN IMMEDIATE already gave us the one write lock.
    Raises RuntimeError outside a transaction.
    """
    hold_all(names)


def hold_all(names: Iterable[str], *, shared: Iterable[str] = ()) -> None:
    """Hold the locks of a batch, see `hold`; those of `shared` any number may hold at once.

    Who waits for one that others share is next: those who come later to share it wait behind.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock needs an open transaction")
    if connection.vendor != "postgresql":
        return
    wanted = {_key(name): True for name in shared} | {_key(name): False for name in names}
    keys = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [keys, [wanted[key] for key in keys]])


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
