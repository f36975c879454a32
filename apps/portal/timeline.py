"""When certificates end: twelve weeks ahead. Few are counted, of many the database says about how
many it expects in each week, which reads none of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.contract_pool import visibility as contracts
from apps.core.actor import Actor, Role
from apps.core.web.counting import expected, roughly
from apps.core.web.paging import COUNT_LIMIT
from apps.core.web.pictures import Look, Picture, Series, Slot
from apps.provisioning_pool import selectors as vehicles

Text = str | Promise
WEEKS: Final = 12
URGENT: Final = 2
NEAR: Final = 8


def timeline_for(viewer: Actor) -> Picture | None:
    """Draw vehicles for operator and OEM, contract data for an MO; None for others."""
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


def _timeline(rows: QuerySet[Any], field: str, title: Text, href: str) -> Picture:
    now = timezone.now()
    edges = [now + timedelta(weeks=week) for week in range(WEEKS + 1)]
    ending = rows.filter(**{f"{field}__gte": now, f"{field}__lt": edges[-1]})
    found = roughly(ending)
    inside = [Q(**{f"{field}__gte": one, f"{field}__lt": two}) for one, two in pairwise(edges)]
    if found.estimate is None:
        counts = _counted(ending, field, inside)
    else:
        counts = [expected(rows.filter(week)) for week in inside]
    note = _("%(count)s in the next 12 weeks") % {"count": found.text} if found.counted else ""
    return Picture(
        title=title,
        note=note,
        sentence=f"{title}: {note}",
        first=_("Week from"),
        series=(Series(_("End")),),
        slots=tuple(_week(now, week, count) for week, count in enumerate(counts)),
        empty=_("Nothing ends in the next 12 weeks."),
        href=href,
        legend=(
            Series(_("under 2 weeks"), "bad"),
            Series(_("under 8 weeks"), "near"),
            Series(_("later"), "main"),
        ),
    )


def _counted(rows: QuerySet[Any], field: str, inside: Sequence[Q]) -> list[int]:
    """Let the database count the rows of each week, of at most COUNT_LIMIT."""
    nearest = rows.order_by(field).values(field)[:COUNT_LIMIT]
    weeks = {f"week_{number}": Count(field, filter=one) for number, one in enumerate(inside)}
    found = nearest.aggregate(**weeks)
    return [found[name] for name in weeks]


def _week(now: datetime, week: int, count: int) -> Slot:
    look: Look = "bad" if week < URGENT else "near" if week < NEAR else "main"
    day = date_format(now + timedelta(weeks=week), "MONTH_DAY_FORMAT")
    return Slot(label=day, counts=(count,), looks=(look,))
