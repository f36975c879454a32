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
from apps.core.web.pictures import Picture, Series, Slot

DAYS: Final = 7
READ_AT_MOST: Final = 5_000
"""Of more requests only the newest are counted, so that the page stays quick."""
LATEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why requests were refused, how many, and the list of them."""

    reason: Reason
    count: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The last days, and why something was refused."""

    picture: Picture
    causes: tuple[Cause, ...]


def overview(viewer: Actor) -> Overview:
    """Count the viewer's own installation requests by day, outcome and reason."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS - 1)
    begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = visibility.visible_deliveries(viewer).filter(
        way=Delivery.Way.INSTALLATION, at__gte=begins - timedelta(days=DAYS - 1)
    )
    counts, reasons, is_cut = _counted(asked)
    query = f"?way=installation&from={first:%Y-%m-%d}"
    slots = tuple(_slot(first + timedelta(days=after), counts) for after in range(DAYS))
    cut = _("There were more: only the newest 5,000 are counted.") if is_cut else ""
    return Overview(picture=_picture(slots, _address(query), cut), causes=_causes(reasons, query))


def _picture(slots: Sequence[Slot], href: str, cut: str) -> Picture:
    note = _sentence(slots)
    return Picture(
        title=_("Installation requests per day"),
        note=note,
        sentence=note,
        first=_("Day"),
        series=(Series(_("Delivered")), Series(_("Refused"), "bad")),
        slots=tuple(slots),
        empty=_("No vehicle has asked for contract data in the last 7 days."),
        href=href,
        under=cut,
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


def _slot(day: date, counts: Counter[tuple[date, str]]) -> Slot:
    outcomes = (Delivery.Outcome.DELIVERED.value, Delivery.Outcome.REFUSED.value)
    counted = tuple(counts[day, outcome] for outcome in outcomes)
    return Slot(label=date_format(day, "D j M"), counts=counted)


def _sentence(days: Sequence[Slot]) -> str:
    delivered, refused = (sum(day.counts[place] for day in days) for place in range(2))
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
