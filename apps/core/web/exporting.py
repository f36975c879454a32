"""A list as a CSV file: the rows that the filters leave, read while they are sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from apps.core.web.paging import in_batches
from apps.core.web.tables import csv_file, lines_file

MAX_ROWS: Final = 100_000
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. `name` is its heading, the same in every language: machines read it."""

    name: str
    value: Callable[[Any], object]


def columns(**attributes: str) -> tuple[Column, ...]:
    """Make columns out of attributes of the row: heading=path, with `__` between the parts."""
    return tuple(
        Column(heading, attrgetter(attribute.replace("__", ".")))
        for heading, attribute in attributes.items()
    )


class Exporting:
    """Mixed into ScopedAdmin. Without `export_columns` a list has no file.

    What an import of this product reads has the same headings here, so a file can go back in.
    """

    export_columns: ClassVar[tuple[Column, ...]] = ()
    export_line: ClassVar[Callable[..., Mapping[str, object]] | None] = None
    """Makes of a row what a line of JSON says; without it there is no such file."""
    slug: ClassVar[str]

    has_view_permission: Callable[..., bool]
    get_changelist_instance: Callable[..., Any]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send at most MAX_ROWS rows of the list with its filters and its search."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        if not self.export_columns:
            raise Http404
        rows = self._exported(request)
        return csv_file(self.slug, [column.name for column in self.export_columns], self._of(rows))

    def lines_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the same rows whole, each as one line of JSON."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        make = type(self).export_line
        if make is None:
            raise Http404
        rows = self._exported(request)
        return lines_file(self.slug, (make(row) for row in rows))

    def _exported(self, request: HttpRequest) -> Iterator[Any]:
        rows = self.get_changelist_instance(request).queryset
        return in_batches(rows, most=MAX_ROWS, size=CHUNK)

    def _of(self, rows: Iterator[Any]) -> Iterator[list[str]]:
        for row in rows:
            yield [written(column.value(row)) for column in self.export_columns]


def written(value: object) -> str:
    """A value as text: instants in UTC, octets in hexadecimal digits, nothing for None."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case bool():
            return "yes" if value else "no"
        case bytes() | memoryview():
            return bytes(value).hex()
    return str(value)
