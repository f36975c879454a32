"""A CSV list of contracts, read within bounds."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid

COLUMNS: Final = ("pcid", "emaid", "begins", "ends", "root")
RESULT: Final = "result"
"""The column that our file of results adds."""
STATE: Final = "state"
"""The column of our file of contracts that tells which of them have ended."""
NOT_READ: Final = (RESULT, STATE, "default", "metadata", "row", "code", "reason")
"""Columns that our own files have beside those that are read for every row."""
NEEDED: Final = ("pcid", "ends")
MAX_ROWS: Final = 20_000
MAX_BYTES: Final = 5_000_000
MAX_CELL: Final = 200
_GUARDED: Final = ("'=", "'+", "'-", "'@")


def read(octets: bytes) -> list[dict[str, str]]:
    """Read a CSV file: UTF-8 (with or without a mark), comma, semicolon or tab, names in line one.

    Raises Invalid for what is no such file, has no rows, or more than MAX_ROWS.
    """
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("encoding", _("Save the file as UTF-8: it has another encoding.")) from error
    if "\x00" in text:
        raise Invalid("csv", _("This is no CSV file."))
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _require_names(names)
        return list(_lines(reader, names))
    except csv.Error as error:
        said = {"line": reader.line_num}
        raise Invalid("csv", _("Line %(line)s is no CSV: check its quotes.") % said) from error


def _require_names(names: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        said = {"missing": ", ".join(missing)}
        raise Invalid(
            "columns", _("The first line must name the columns. Missing: %(missing)s.") % said
        )
    strange = sorted({name for name in names if name not in (*COLUMNS, *NOT_READ)})
    if strange or len(names) != len(set(names)):
        said = {"known": ", ".join(COLUMNS)}
        raise Invalid(
            "columns", _("The first line may name these columns, each once: %(known)s.") % said
        )


def _lines(reader: Iterator[list[str]], names: Sequence[str]) -> Iterator[dict[str, str]]:
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            said = {"count": f"{MAX_ROWS:,}"}
            raise Invalid("rows", _("A list may have %(count)s rows. Split this one.") % said)
        yield {name: _cell(cell) for name, cell in zip(names, cells, strict=False)}
    if not count:
        raise Invalid("rows", _("There is no row below the first line."))


def _cell(text: str) -> str:
    """Return the text of a cell, without the apostrophe that our own files put before formulas."""
    found = text.strip()[:MAX_CELL]
    return found[1:] if found.startswith(_GUARDED) else found
