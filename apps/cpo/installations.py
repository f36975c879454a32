"""What vehicles asked for at the charge points of a CPO in the last days, and how it went."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.contract_pool import pages, visibility
from apps.contract_pool.models import Delivery
from apps.contract_pool.reasons import Reason, reason_of
from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.display import number
from apps.core.web.pages import Row, TableCard

DAYS: Final = 7
READ_AT_MOST: Final = 5_000
"""Of more requests only the newest are counted, so that the page stays quick."""
LATEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the picture and of its table; the parts are per cent of the busiest day."""

    name: str
    delivered: int
    refused: int
    delivered_part: int
    refused_part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why requests were refused, how many, and the list of them."""

    reason: Reason
    count: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The last days: `sentence` is for those who do not see the picture."""

    days: tuple[Day, ...]
    sentence: str
    causes: tuple[Cause, ...]
    is_cut: bool
    href: str

    @property
    def is_empty(self) -> bool:
        return not any(day.delivered or day.refused for day in self.days)


def overview(viewer: Actor) -> Overview:
    """Count the viewer's own installation requests by day, outcome and reason."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS - 1)
    begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = visibility.visible_deliveries(viewer).filter(
        way=Delivery.Way.INSTALLATION, at__gte=begins - timedelta(days=DAYS - 1)
    )
    counts, reasons, is_cut = _counted(asked)
    days = _days([first + timedelta(days=after) for after in range(DAYS)], counts)
    query = f"?way=installation&from={first:%Y-%m-%d}"
    return Overview(
        days=days,
        sentence=_sentence(days),
        causes=_causes(reasons, query),
        is_cut=is_cut,
        href=_address(query),
    )


def _counted(
    asked: QuerySet[Delivery],
) -> tuple[Counter[tuple[date, str]], Counter[str], bool]:
    """Let the database count the newest by day and outcome, and by reason; tell if more came."""
    newest_first = asked.order_by("-at", "-pk").values_list("at", flat=True)
    last, *more = newest_first[READ_AT_MOST - 1 : READ_AT_MOST + 1] or [None]
    if more:
        asked = asked.filter(at__gte=last)
    counts, reasons = Counter[tuple[date, str]](), Counter[str]()
    grouped = asked.order_by().annotate(day=TruncDate("at")).values_list("day", "outcome", "reason")
    for day, outcome, reason, count in grouped.annotate(count=Count("pk")):
        counts[day, outcome] += count
        if reason:
            reasons[reason] += count
    return counts, reasons, bool(more)


def latest(viewer: Actor) -> TableCard:
    """The newest requests, each with its page."""
    rows = visibility.visible_deliveries(viewer).filter(way=Delivery.Way.INSTALLATION)
    return TableCard(
        title=_("Newest requests"),
        columns=(_("Time"), _("Vehicle"), _("Reason"), _("Status")),
        rows=tuple(_row(delivery) for delivery in rows.order_by("-pk")[:LATEST]),
        empty=_("No vehicle has asked for contract data at your charge points yet."),
    )


def _row(delivery: Delivery) -> Row:
    why = reason_of(delivery.reason).short if delivery.reason else display.EMPTY
    return Row(
        href=reverse("admin:contract_pool_delivery_change", args=[delivery.pk]),
        cells=(
            display.moment(delivery.at),
            display.code(delivery.pcid),
            why,
            pages.outcome_badge(delivery),
        ),
    )


def _days(dates: Sequence[date], counts: Counter[tuple[date, str]]) -> tuple[Day, ...]:
    delivered, refused = Delivery.Outcome.DELIVERED.value, Delivery.Outcome.REFUSED.value
    tallest = max((counts[day, delivered] + counts[day, refused] for day in dates), default=0) or 1
    return tuple(
        Day(
            name=date_format(day, "D j M"),
            delivered=counts[day, delivered],
            refused=counts[day, refused],
            delivered_part=round(100 * counts[day, delivered] / tallest),
            refused_part=round(100 * counts[day, refused] / tallest),
        )
        for day in dates
    )


def _sentence(days: Sequence[Day]) -> str:
    delivered, refused = sum(day.delivered for day in days), sum(day.refused for day in days)
    asked = ngettext(
        "%(count)s request in the last 7 days",
        "%(count)s requests in the last 7 days",
        delivered + refused,
    ) % {"count": number(delivered + refused)}
    return _("%(asked)s, %(refused)s of them refused") % {
        "asked": asked,
        "refused": number(refused),
    }


def _causes(counts: Counter[str], query: str) -> tuple[Cause, ...]:
    together: Counter[Reason] = Counter()
    for code, count in counts.items():
        together[reason_of(code)] += count
    return tuple(
        Cause(reason=reason, count=count, href=_address(f"{query}&outcome=refused{_only(reason)}"))
        for reason, count in together.most_common()
    )


def _only(reason: Reason) -> str:
    return f"&reason={reason.key}" if reason.key else ""


def _address(query: str) -> str:
    return reverse("admin:contract_pool_delivery_changelist") + query
