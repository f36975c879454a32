"""How many rows there are, without reading a big pool: counted while few, estimated beyond."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.utils.translation import gettext as _

from apps.core.web.display import number
from apps.core.web.paging import COUNT_LIMIT, capped_count

POSTGRESQL: Final = "postgresql"


@dataclass(frozen=True, slots=True)
class Amount:
    """`counted` is exact up to COUNT_LIMIT; beyond it `estimate`, if the database made one."""

    counted: int
    estimate: int | None = None

    @property
    def size(self) -> int:
        """The number to compare and to draw with."""
        return self.estimate or self.counted

    @property
    def text(self) -> str:
        """What stands on the page: exact, about so many, or more than could be counted."""
        if self.counted <= COUNT_LIMIT:
            return number(self.counted)
        if self.estimate is None:
            return f"{number(COUNT_LIMIT)}+"
        return _("about %(count)s") % {"count": number(_rounded(self.estimate))}


def amount(rows: Any) -> Amount:
    """Count a queryset up to COUNT_LIMIT, then take what PostgreSQL's planner expects of it."""
    counted = capped_count(rows)
    if counted <= COUNT_LIMIT or connections[rows.db].vendor != POSTGRESQL:
        return Amount(counted)
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    expected = int(plan[0]["Plan"]["Plan Rows"])
    return Amount(counted, expected if expected > COUNT_LIMIT else None)


def _rounded(value: int) -> int:
    """Two digits: more would say what an estimate does not know."""
    unit = int(10 ** max(0, len(str(value)) - 2))
    return round(value / unit) * unit
