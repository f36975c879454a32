"""The pages that people of each role open: all they can click on, and every view of each list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.core.actor import Actor, Role
from apps.core.web.admin import ScopedAdmin
from apps.core.web.filters import ChoiceFilter, PeriodFilter
from apps.core.web.paging import COUNT_LIMIT
from apps.operator.filters import OrganizationFilter, RootFilter
from apps.participants import selectors
from benchmarks.support import crawl
from tests.portal.world import Party, World

FEW = 4
MANY = 300
FIRST_ROWS = 3
"""Pieces of a CSV file until its first row is there: the mark, the headings, the row."""
TERMS = (("few", "WVW0000000000112"), ("many", "WVW"), ("none", "ZZZ"), ("EMAIDs", "DEAAAC0000"))
PERIODS = (("the last week", "from", 7), ("long ago", "to", 20), ("before all", "to", 900))


@dataclass(frozen=True)
class Visit:
    """One page, opened by one person."""

    label: str
    path: str
    client: Client

    def open(self) -> bytes:
        """Fetch the page with empty caches, of a file as much as its first row.

        Raises RuntimeError where it does not answer.
        """
        cache.clear()
        response = self.client.get(self.path)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} for {self.path}")
        if not response.streaming:
            return bytes(response.content)
        parts = iter(response)
        first = b"".join(next(parts, b"") for _ in range(FIRST_ROWS))
        response.close()
        return first


def visits(world: World) -> list[Visit]:
    """Every page that is measured, in the same order for the same code."""
    people = {
        "OEM": world.oems[0],
        "MO": world.mos[0],
        "CPO": world.cpos[0],
        "CPS": world.cpss[0],
        "operator": world.operator,
    }
    return [visit for name, party in people.items() for visit in _of(name, party)]


def _of(name: str, party: Party) -> Iterator[Visit]:
    client = Client()
    client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")
    viewer = selectors.actor_of_member(user=party.user, organization=party.organization)
    seen = set[str]()
    for label, path in (*crawl.pages(client).items(), *_more(viewer)):
        if path not in seen:
            seen.add(path)
            yield Visit(f"{name}: {label}", path, client)


def _more(viewer: Actor) -> Iterator[tuple[str, str]]:
    """What is typed, chosen or turned to, so that no link leads there."""
    for word, term in TERMS:
        yield f"search, {word}", f"/search/?s={term}"
    yield "search, serial", f"/search/?s={'ab' * 20}"
    for model_admin in admin.site._registry.values():
        if isinstance(model_admin, ScopedAdmin) and model_admin.roles & viewer.roles:
            yield from _list(model_admin, viewer)


def _list(model_admin: ScopedAdmin, viewer: Actor) -> Iterator[tuple[str, str]]:
    name, address = model_admin.slug, f"/{model_admin.slug}/"
    rows = model_admin.visible_to(viewer).order_by(*model_admin.ordering)
    if rows[:MANY].count() < MANY:
        return  # small pools would leave too few rows behind a filter to compare pages
    full = rows[:COUNT_LIMIT].count() // model_admin.list_per_page
    yield f"{name}, last full page", f"{address}?p={full}"
    for label, query in _queries(model_admin, rows[60], viewer):
        yield f"{name}, {label}", f"{address}?{query}"
    if model_admin.sortable_by:
        yield f"{name}, turned round", f"{address}?o={_column(model_admin, viewer)}"
    if model_admin.export_columns:
        yield f"{name}, CSV", f"{address}export.csv"


def _ends_of(options: Sequence[Any]) -> Sequence[Any]:
    """All of a few options; of many the first and the last two."""
    return options if len(options) <= FEW else (options[0], *options[-2:])


def _column(model_admin: ScopedAdmin, viewer: Actor) -> int:
    """The place of the column that carries the order."""
    extra = model_admin.operator_columns if viewer.has(Role.OPERATOR) else ()
    shown = (*model_admin.list_display[:1], *extra, *model_admin.list_display[1:])
    return shown.index(model_admin.sortable_by[0])


def _choices(offered: Any, viewer: Actor) -> Iterator[tuple[str, str]]:
    if issubclass(offered, OrganizationFilter | RootFilter):
        rows = list(offered.offered(offered, viewer)) if viewer.has(Role.OPERATOR) else []
        for row in _ends_of(rows):
            yield f"{offered.parameters[0]}={row}", urlencode({offered.parameters[0]: row.uuid})
    elif issubclass(offered, ChoiceFilter):
        for value, _label in _ends_of(offered.options):
            query = urlencode({offered.parameters[0]: value})
            yield query, query
    elif issubclass(offered, PeriodFilter):
        for label, name, days in PERIODS:
            yield label, urlencode({name: timezone.now().date() - timedelta(days=days)})


def _queries(model_admin: ScopedAdmin, row: Any, viewer: Actor) -> Iterator[tuple[str, str]]:
    """Each value of each filter, and prefixes: of a few rows, of many, of none."""
    for offered in model_admin.list_filter:
        yield from _choices(offered, viewer)
    for lookup in model_admin.search_fields:
        path, value = lookup.split("__")[:-1], row
        for step in path:
            value = getattr(value, step)
        yield f"few of {'.'.join(path)}", urlencode({"q": value[:-1]})
        yield f"many of {'.'.join(path)}", urlencode({"q": value[:3]})
    if model_admin.search_fields:
        yield "search for nothing", urlencode({"q": "QQQ"})
