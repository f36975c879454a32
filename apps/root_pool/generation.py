"""The number that tells in-process caches whether the anchors changed."""

import secrets

from django.db import connection

from apps.root_pool.models import Generation

_ROW = 1


def current() -> int:
    """Read the number; 0 before the first change."""
    return Generation.objects.filter(pk=_ROW).values_list("number", flat=True).first() or 0


def change() -> None:
    """Set another number, in the transaction that changes the anchors (RuntimeError outside)."""
    if not connection.in_atomic_block:
        raise RuntimeError("The anchors change only inside a transaction")
    number = secrets.randbits(62) + 1
    Generation.objects.bulk_create([Generation(pk=_ROW, number=number)], ignore_conflicts=True)
    Generation.objects.filter(pk=_ROW).update(number=number)
