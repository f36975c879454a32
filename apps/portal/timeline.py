"""When certificates end: twelve weeks ahead, from one bounded read."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.contract_pool import visibility as contracts
from apps.core.actor import Actor, Role
from apps.core.web.display import number
from apps.core.web.paging import COUNT_LIMIT
from apps.provisioning_pool import selectors as vehicles

Text = str | Promise
WEEKS: Final = 12
URGENT: Final = 2
NEAR: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One bar: how many end in the week that begins that day, and its part of the tallest."""

    day: str
    count: int
    percent: int
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The bars with their heading and a sentence for those who do not see them."""

    title: Text
    note: Text
    sentence: Text
    href: str
    weeks: list[Week]


def timeline_for(viewer: Actor) -> Timeline | None:
    """Return vehicles for operator and OEM, contract data for an MO; None where nothing ends."""
    rows: QuerySet[Any]
    if viewer.roles & {Role.OPERATOR, Role.OEM}:
        rows, field = vehicles.visible(viewer), "not_after"
        title = _("When provisioning certificates end")
        address = "provisioning_pool_provisioningcertificate"
    elif viewer.has(Role.MO):
        rows, field = contracts.visible_data(viewer), "valid_until"
        title, address = _("When contract data ends"), "contract_pool_contractdata"
    else:
        return None
    return _timeline(rows, field, title, reverse(f"admin:{address}_changelist") + "?ends=soon")


def _timeline(rows: QuerySet[Any], field: str, title: Text, href: str) -> Timeline | None:
    now = timezone.now()
    last = now + timedelta(weeks=WEEKS)
    inside = {f"{field}__gte": now, f"{field}__lt": last}
    ends = list(
        rows.filter(**inside).order_by(field).values_list(field, flat=True)[: COUNT_LIMIT + 1]
    )
    if not ends:
        return None
    counts = Counter((end - now) // timedelta(weeks=1) for end in ends)
    more = len(ends) > COUNT_LIMIT
    shown = f"{number(COUNT_LIMIT)}+" if more else number(len(ends))
    note = _("%(count)s in the next 12 weeks") % {"count": shown}
    return Timeline(
        title=title, note=note, sentence=f"{title}: {note}", href=href, weeks=_weeks(now, counts)
    )


def _weeks(now: datetime, counts: Counter[int]) -> list[Week]:
    tallest = max(counts.values(), default=1)
    return [
        Week(
            day=date_format(now + timedelta(weeks=week), "MONTH_DAY_FORMAT"),
            count=counts[week],
            percent=round(100 * counts[week] / tallest),
            tone=_tone(week, counts[week]),
        )
        for week in range(WEEKS)
    ]


def _tone(week: int, count: int) -> str:
    if not count:
        return "none"
    return "danger" if week < URGENT else "warning" if week < NEAR else "later"
