"""Our own CSV file of vehicles as an upload: it may come back as it was exported."""

import csv
import io
from collections.abc import Iterator
from typing import Final

CERTIFICATE: Final = "certificate"
"""The column that holds the vehicle's certificate as base64 of its DER."""
_HEAD: Final = 1_000


def rows_of(octets: bytes) -> Iterator[bytes] | None:
    """Yield the certificate of each row in base64; None for what is no such file.

    A row that cannot be read is given as it is, so that it is refused like any other file.
    """
    head = octets[:_HEAD].partition(b"\n")[0].decode("utf-8-sig", "replace")
    separator = max(",;\t", key=head.count)
    names = [name.strip().strip('"').lower() for name in head.split(separator)]
    if CERTIFICATE not in names or len(names) == 1 or b"-----BEGIN " in octets:
        return None
    text = octets.decode("utf-8-sig", "replace")
    return _cells(csv.reader(io.StringIO(text, newline=""), delimiter=separator), names)


def _cells(reader: Iterator[list[str]], names: list[str]) -> Iterator[bytes]:
    place = names.index(CERTIFICATE)
    next(reader, None)
    for cells in reader:
        if any(cells):
            yield (cells[place] if len(cells) > place else "").encode()
