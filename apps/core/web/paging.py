"""Lists over pools of any size: counting stops at 2,001, paging at 2,000 rows."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
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
    """A list in the one order that its index serves, linked by the admin's `url_field`."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return list(self.model_admin.ordering or ())

    def get_ordering_field_columns(self) -> dict[Any, Any]:
        return {}

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
