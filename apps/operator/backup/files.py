"""The files of a backup: one for each table, compressed, readable by their owner alone."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from apps.core.errors import Invalid
from apps.operator.backup.manifest import Part
from apps.operator.backup.tables import Sum

_BLOCK: Final = 1 << 20
_LEVEL: Final = 3


def new_folder(folder: Path) -> None:
    """Make the folder, for its owner alone. Raises Invalid where something is in it already."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Invalid("not_empty", f"{folder} is not empty; a backup overwrites nothing.")
    except OSError as error:
        raise Invalid("no_folder", f"{folder} cannot be used: {error.strerror}.") from error


def write(path: Path, blocks: Iterable[bytes], found: Sum) -> None:
    """Write blocks compressed, adding them up, and wait until the disk has them."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        with gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0) as packed:
            for block in blocks:
                packed.write(found.add(block))
        stream.flush()
        os.fsync(stream.fileno())


def read(folder: Path, part: Part) -> Iterator[bytes]:
    """Yield the text of a table. Raises Invalid when it is not what the manifest says."""
    found = Sum()
    try:
        with gzip.open(folder / part.file, "rb") as stream:
            while block := stream.read(_BLOCK):
                yield found.add(block)
                if found.octets > part.octets:
                    break
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid("unreadable", f"{part.file} cannot be read: it is cut or missing.") from error
    if (found.rows, found.octets, found.sha256) != (part.rows, part.octets, part.sha256):
        raise Invalid("changed", f"{part.file} is not what was backed up.")
