"""Locks on names (a PCID, an EMAID) for the rest of the current transaction."""

import hashlib
from collections.abc import Iterable

from django.db import connection


def hold(*names: str) -> None:
    """Hold a lock on each name until the open transaction ends.

    PostgreSQL: transaction-level advisory locks, taken in sorted order so that two batches
    cannot wait for each other. SQLite: BEGIN IMMEDIATE already gave us the one write lock.
    Raises RuntimeError outside a transaction.
    """
    hold_all(names)


def hold_all(names: Iterable[str]) -> None:
    """Hold the locks of a batch, see `hold`."""
    if not connection.in_atomic_block:
        raise RuntimeError("A lock needs an open transaction")
    if connection.vendor != "postgresql":
        return
    keys = sorted({_key(name) for name in names})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k", [keys])


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
