"""Rows as CSV files, which open in any spreadsheet and can be imported again."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from django.http import StreamingHttpResponse

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs what begins so; an apostrophe in front makes it text."""


def csv_file(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> StreamingHttpResponse:
    """Return the download `name`.csv (UTF-8 with a mark, as spreadsheets need it).

    Rows are read while they are sent, so a file of any length needs little memory.
    """
    return StreamingHttpResponse(
        _lines(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines_file(name: str, rows: Iterable[Mapping[str, object]]) -> StreamingHttpResponse:
    """Return the download `name`.jsonl: one JSON object in each line, for machines."""
    return StreamingHttpResponse(
        (f"{json.dumps(row, ensure_ascii=False, sort_keys=True)}\n" for row in rows),
        content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.jsonl"'},
    )


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "\ufeff"
    yield _line(columns)
    for row in rows:
        yield _line([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])


def _line(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
