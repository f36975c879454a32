"""The search over all that a person may see: pages, rows of the own organisation, suggestions.

Every list is asked through its own scoped rows, by indexed prefixes, for a handful; serial numbers
and fingerprints count whole. Nothing is kept between requests or organisations.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.throttle import take
from apps.core.web.admin import ScopedAdmin
from apps.core.web.finding import Found, suggestions
from apps.core.web.membership import viewer_of

SHORTEST: Final = 3
LONGEST: Final = 100
OF_EACH: Final = 6
PER_MINUTE: Final = 120
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{16,64}")
_FINGERPRINT_DIGITS: Final = 64


def find(request: HttpRequest, typed: str) -> list[Found]:
    """Return what a term leads to. Raises TooMany above PER_MINUTE searches of a person."""
    term, viewer = " ".join(typed.split())[:LONGEST], viewer_of(request)
    if len(term) < SHORTEST:
        return []
    take(f"search {viewer.identifier}", limit=PER_MINUTE)
    return [*_pages(term, viewer), *suggestions(term, viewer), *_rows(request, term)]


def _pages(term: str, viewer: Actor) -> Iterator[Found]:
    for entry in admin.site.entries():  # type: ignore[attr-defined]  # PortalSite
        if entry.is_for(viewer) and term.casefold() in str(entry.title).casefold():
            yield Found(title=entry.title, kind=_("Page"), href=reverse(entry.url), icon=entry.icon)


def _rows(request: HttpRequest, term: str) -> list[Found]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # It takes matches to lie evenly in a table, where those of a prefix lie together, and
            # would read all that comes before them.
            connection.cursor().execute("SET LOCAL enable_seqscan = off")
        return list(_found_rows(request, term))


def _found_rows(request: HttpRequest, term: str) -> Iterator[Found]:
    """Yield in the order of the menu: what people work with comes before records of it."""
    lists = admin.site._registry.values()  # noqa: SLF001  Django's own name for it
    for model_admin in sorted(lists, key=_place):
        if isinstance(model_admin, ScopedAdmin) and model_admin.has_view_permission(request):
            for row in _of(model_admin, request, term):
                yield _found(model_admin, row)


def _place(model_admin: Any) -> tuple[int, int]:
    return model_admin.menu_group, model_admin.menu_order


def _of(model_admin: ScopedAdmin, request: HttpRequest, term: str) -> Any:
    rows = model_admin.get_queryset(request)
    whole = _octets(term)
    if whole is not None:
        field = "fingerprint" if len(whole) == _FINGERPRINT_DIGITS // 2 else "serial"
        if field in model_admin.found_by:
            return rows.filter(**{field: whole})[:OF_EACH]
    if not model_admin.search_fields:
        return []
    found, _distinct = model_admin.get_search_results(request, rows, term)
    return found.order_by()[:OF_EACH]


def _octets(term: str) -> bytes | None:
    """A serial number or fingerprint as people copy it: pairs, with colons or spaces."""
    digits = re.sub(r"[:\s]", "", term)
    if not _HEXADECIMAL.fullmatch(digits) or len(digits) % 2:
        return None
    return bytes.fromhex(digits)


def _found(model_admin: ScopedAdmin, row: Any) -> Found:
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_change"
    return Found(
        title=model_admin.name_of(row),
        kind=model_admin.heading,
        href=reverse(name, args=[getattr(row, model_admin.url_field)]),
        icon=model_admin.menu_icon,
        code=model_admin.search_upper,
    )
