"""Guards about database transactions."""

from django.db import connection


def is_open() -> bool:
    """Tell whether a transaction of ours is open (a test case's own wrapper does not count)."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def forbid(what: str) -> None:
    """Refuse to do `what` while a transaction is open.

    Network and cryptography take milliseconds to seconds; done inside a transaction they would
    hold row locks, and on SQLite the only write lock, for as long. Raises RuntimeError: that is
    a defect of ours, never the caller's.
    """
    if is_open():
        raise RuntimeError(f"{what} must not happen inside a transaction")
