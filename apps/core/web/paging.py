"""Lists over pools of any size: counting stops at 2,001, paging at 2,000 rows."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, Literal

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from apps.core.web.display import number

COUNT_LIMIT = 2_000
"""Rows that a list counts and pages through; beyond it search or filters lead on."""
CARD_LIMIT = 1_000
"""Rows that a number on any other page counts: there may be ten of them, beyond what a list has."""


def capped_count(rows: Any, *, most: int | None = None) -> int:
    """Count a queryset, at most one more than `most` or COUNT_LIMIT; then there are more."""
    bound = COUNT_LIMIT if most is None else most
    return int(rows.order_by().values("pk")[: bound + 1].count())


def card_count(rows: Any) -> int:
    """Count a queryset for a number on a page, at most one more than CARD_LIMIT."""
    return capped_count(rows, most=CARD_LIMIT)


def card_text(count: int) -> str:
    """Write such a number: exact, or that there are more."""
    return f"{number(CARD_LIMIT)}+" if count > CARD_LIMIT else number(count)


def in_batches(rows: Any, *, most: int, size: int) -> Iterator[Any]:
    """Read at most `most` rows of an ordered queryset, `size` at a time.

    Each batch begins where the one before ended, found by the index of the order. A cursor over
    all of them would have the database gather every row before it gives out the first.
    """
    order, rest = [str(field) for field in rows.query.order_by], rows
    while most > 0:
        batch = list(rest[: min(size, most)])
        yield from batch
        if len(batch) < size:
            return
        most -= len(batch)
        rest = rows.filter(_behind(order, batch[-1]))


def _behind(order: Sequence[str], row: Any) -> Q:
    """Whatever comes after a row in an order, which names a unique field at last."""
    behind, same, bound = Q(), Q(), Q()
    for field in order:
        name, side = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        value = attrgetter(name.replace("__", "."))(row)
        # Only a bound on the first field alone is one that an index can begin at.
        bound = bound or Q(**{f"{name}__{side}e": value})
        behind |= same & Q(**{f"{name}__{side}": value})
        same &= Q(**{name: value})
    return bound & behind


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts no further than COUNT_LIMIT and offers no page beyond it."""

    template_name = "portal/pagination.html"

    @cached_property
    def count(self) -> int:
        return capped_count(self.object_list)

    def page(self, number: Any) -> Any:
        """Return a page; a later one by its keys, so that no row before it is read whole."""
        found = super().page(number)
        if found.start_index() > self.per_page:
            rows: Any = self.object_list
            # Of a capped list the last page ends where the others would: the count is one more.
            place = slice(found.start_index() - 1, found.start_index() - 1 + self.per_page)
            found.object_list = rows.filter(pk__in=list(rows.values_list("pk", flat=True)[place]))
        return found

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_LIMIT

    @cached_property
    def num_pages(self) -> int:
        return max(1, -(-min(self.count, COUNT_LIMIT) // self.per_page))


class PortalChangeList(ChangeList):
    """A list in the one order that its index serves, or in its reverse.

    Rows are linked by the admin's `url_field`. A column that carries the order (`sortable_by`)
    turns it round; any other order would sort the whole pool for one page.
    """

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        ordering = self._own_order
        return [_turned(field) for field in ordering] if self.is_turned else ordering

    def get_ordering_field_columns(self) -> dict[int, Literal["desc", "asc"]]:
        """Return the position of the column that carries the order, and which way it runs."""
        if self._ordered is None:
            return {}
        return {self._ordered: "desc" if self._falls != self.is_turned else "asc"}

    @property
    def is_turned(self) -> bool:
        """Whether the list is asked for in the reverse of its own order."""
        asked = str(self.params.get(ORDER_VAR, ""))
        if self._ordered is None or asked.lstrip("-") != str(self._ordered):
            return False
        return asked.startswith("-") != self._falls

    @property
    def _falls(self) -> bool:
        return self._own_order[0].startswith("-")

    @property
    def _own_order(self) -> list[str]:
        return [str(field) for field in self.model_admin.ordering or ()]

    @property
    def _ordered(self) -> int | None:
        columns = [name for name in self.sortable_by or () if name in self.list_display]
        return list(self.list_display).index(columns[0]) if columns else None

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page; one beyond the end, as after a narrower filter, shows the last."""
        paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.page_num = min(max(self.page_num, 1), paginator.num_pages)
        self.result_count = paginator.count
        self.full_result_count = None
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = paginator.num_pages > 1
        self.result_list = paginator.page(self.page_num).object_list
        self.paginator = paginator

    def url_for_result(self, result: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        model_admin: Any = self.model_admin
        return reverse(name, args=[getattr(result, model_admin.url_field)])


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"
