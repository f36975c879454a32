"""Counting what happened, day by day, so that dashboards read a few numbers and no pool."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from apps.contract_pool.models import Contract, Delivery
from apps.core import locks
from apps.events.models import WebhookDelivery
from apps.portal.models import DailyFigure
from apps.provisioning_pool.models import ProvisioningCertificate

KEPT: Final = timedelta(days=400)
FIRST: Final = timedelta(days=92)
"""So far back a run counts at most, and the first one does."""
LOCK: Final = "daily-figures"

Kind = DailyFigure.Kind
Key = tuple[str, date, int | None]


@dataclass(frozen=True, slots=True)
class _Source:
    """What is counted: rows, the field of their time (indexed), and whose each is, if anybody's."""

    kind: Kind
    rows: QuerySet[Any]
    at: str
    party: Any = None


def count_days(*, now: datetime) -> int:
    """Count what happened since the day before the last one counted; return how many rows changed.

    Days are those of UTC. A number only grows: what was counted happened, also where its row has
    left since. Old days are removed.
    """
    today = now.astimezone(UTC).date()
    last = DailyFigure.objects.aggregate(last=Max("day"))["last"]
    first = max(last - timedelta(days=1), today - FIRST) if last else today - FIRST
    found = _found(first, today)
    with transaction.atomic():
        locks.hold(LOCK)
        DailyFigure.objects.filter(day__lt=today - KEPT).delete()
        return _note(found, first, now)


def _found(first: date, today: date) -> Counter[Key]:
    """Group in the database; today is there for all, if only as zero."""
    begins, ends = (_midnight(day) for day in (first, today + timedelta(days=1)))
    found: Counter[Key] = Counter({(kind.value, today, None): 0 for kind in Kind})
    for source in _sources():
        fields = ["day", "whose"] if source.party else ["day"]
        period = {f"{source.at}__gte": begins, f"{source.at}__lt": ends}
        rows = source.rows.filter(**period).order_by()
        rows = rows.annotate(day=TruncDate(source.at, tzinfo=UTC))
        if source.party:
            rows = rows.annotate(whose=source.party)
        for day, *whose, count in rows.values_list(*fields).annotate(count=Count("pk")):
            for party in {None, *whose}:
                found[source.kind.value, day, party] += count
    return found


def _sources() -> list[_Source]:
    outcome, state = Delivery.Outcome, WebhookDelivery.State
    installed, backend = (Delivery.objects.filter(way=way) for way in Delivery.Way)
    mo = Subquery(Contract.objects.filter(pk=OuterRef("contract_id")).values("mo_id"))
    oem, receiver = F("organization_id"), F("endpoint__organization_id")
    told = WebhookDelivery.objects.filter(settled_at__isnull=False)
    lost = told.filter(state__in=(state.REJECTED, state.FAILED))
    return [
        _Source(Kind.PUBLISHED, ProvisioningCertificate.objects.all(), "published_at", F("owner")),
        _Source(Kind.CONCLUDED, Contract.objects.all(), "concluded_at", F("mo")),
        _Source(Kind.INSTALLED, installed.filter(outcome=outcome.DELIVERED), "at", mo),
        _Source(Kind.REFUSED, installed.filter(outcome=outcome.REFUSED), "at"),
        _Source(Kind.FETCHED, backend.filter(outcome=outcome.DELIVERED), "at", mo),
        _Source(Kind.ANSWERED, backend.filter(outcome=outcome.DELIVERED), "at", oem),
        _Source(Kind.UNANSWERED, backend.filter(outcome=outcome.REFUSED), "at", oem),
        _Source(Kind.TOLD, told.filter(state=state.DELIVERED), "settled_at", receiver),
        _Source(Kind.NOT_TOLD, lost, "settled_at", receiver),
    ]


def _note(found: Counter[Key], first: date, now: datetime) -> int:
    """Write what is new or has grown."""
    rows = {
        (row.kind, row.day, row.organization_id): row
        for row in DailyFigure.objects.filter(day__gte=first)
    }
    new, grown = [], []
    for key, count in found.items():
        kind, day, party = key
        row = rows.get(key)
        if row is None:
            new.append(_figure(kind, day, party, count, now))
        else:
            row.count, row.counted_at = max(row.count, count), now
            grown.append(row)
    DailyFigure.objects.bulk_create(new, batch_size=500)
    DailyFigure.objects.bulk_update(grown, ["count", "counted_at"], batch_size=500)
    return len(new) + len(grown)


def _figure(kind: str, day: date, party: int | None, count: int, now: datetime) -> DailyFigure:
    return DailyFigure(kind=kind, day=day, organization_id=party, count=count, counted_at=now)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
