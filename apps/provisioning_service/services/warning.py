"""Warnings of certificates that end: 90, 30 and 7 days ahead, each told exactly once."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from apps.core import locks
from apps.events.services import emit_many
from apps.provisioning_service.expiring import KINDS, Kind
from apps.provisioning_service.models import ExpiryMark

DAYS: Final = (90, 30, 7)
BATCH: Final = 500
BATCHES: Final = 20
_LAST: Final = 2**63 - 1


def warn_of_ends(*, now: datetime) -> int:
    """Emit certificate.expiring for what came nearer than 90, 30 or 7 days; return how many events.

    At the first time, and after a long rest, one warning is told of each certificate: the most
    urgent. What is issued for less time than a warning looks ahead is not warned of by it. At most
    20 batches of 500 rows for each kind and warning.
    """
    nearer = (*DAYS[1:], 0)
    return sum(
        _warn(kind, days, now + timedelta(days=after), now + timedelta(days=days))
        for kind in KINDS
        for days, after in zip(DAYS, nearer, strict=True)
    )


def _warn(kind: Kind, days: int, nearest: datetime, furthest: datetime) -> int:
    told = 0
    for _ in range(BATCHES):
        emitted, is_last = _batch(kind, days, nearest, furthest)
        told += emitted
        if is_last:
            break
    return told


def _batch(kind: Kind, days: int, nearest: datetime, furthest: datetime) -> tuple[int, bool]:
    """Look at the rows behind the mark, tell, and move the mark: one transaction."""
    with transaction.atomic():
        locks.hold(f"expiry:{kind.name}:{days}")
        mark, _ = ExpiryMark.objects.select_for_update().get_or_create(
            kind=kind.name, days=days, defaults={"until": nearest, "last": _LAST}
        )
        if mark.until < nearest:
            mark.until, mark.last = nearest, _LAST
        if mark.until >= furthest:
            return 0, True
        rows = list(_behind(kind, mark, furthest)[:BATCH])
        messages = kind.messages(rows, days)
        emit_many(messages=messages)
        is_last = len(rows) < BATCH
        mark.until = furthest if is_last else getattr(rows[-1], kind.field)
        mark.last = _LAST if is_last else rows[-1].pk
        mark.save(update_fields=["until", "last"])
    return len(messages), is_last


def _behind(kind: Kind, mark: ExpiryMark, furthest: datetime) -> Any:
    field = kind.field
    after = Q(**{f"{field}__gt": mark.until}) | Q(**{field: mark.until, "pk__gt": mark.last})
    span = {f"{field}__gte": mark.until, f"{field}__lte": furthest}
    return kind.rows().filter(after, **span).order_by(field, "pk")
