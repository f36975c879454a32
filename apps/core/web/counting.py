"""How many rows there are, without reading a big pool: counted while few, estimated beyond."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.utils.translation import gettext as _

from apps.core.web.display import number
from apps.core.web.paging import COUNT_LIMIT, capped_count

POSTGRESQL: Final = "postgresql"
SURELY: Final = 2
"""Where the planner expects so many times what is counted at most, nothing is counted."""


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
    likely = expected(rows)
    return Amount(counted, likely if likely > COUNT_LIMIT else None)


def roughly(rows: Any) -> Amount:
    """As `amount`, of rows that take long to count: where very many are expected, without counting.

    The planner goes by what it last saw of the tables, some minutes ago at most.
    """
    if connections[rows.db].vendor == POSTGRESQL:
        likely = expected(rows)
        if likely > SURELY * COUNT_LIMIT:
            return Amount(COUNT_LIMIT + 1, likely)
    return amount(rows)


def expected(rows: Any) -> int:
    """Return how many rows PostgreSQL's planner expects, which reads none of them."""
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _rounded(value: int) -> int:
    """Two digits: more would say what an estimate does not know."""
    unit = int(10 ** max(0, len(str(value)) - 2))
    return round(value / unit) * unit
