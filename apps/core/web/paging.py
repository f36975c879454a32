"""Lists over pools of any size: counting stops at 2,001, paging at 2,000 rows."""

from typing import Any, Literal

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

COUNT_LIMIT = 2_000
"""Rows that a list counts and pages through; beyond it search or filters lead on."""


def capped_count(rows: Any) -> int:
    """Count a queryset, at most one more than COUNT_LIMIT; then the true number is "more"."""
    return int(rows.order_by().values("pk")[: COUNT_LIMIT + 1].count())


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts no further than COUNT_LIMIT and offers no page beyond it."""

    template_name = "portal/pagination.html"

    @cached_property
    def count(self) -> int:
        return capped_count(self.object_list)

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
