"""What a backup holds, under a keyed MAC: what was changed is refused before anything is done.

The MAC is made with the newest key of AUDIT_KEYS, which is not in the backup either.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from apps.audit import macs
from apps.core.errors import Invalid
from apps.operator.backup.tables import Sum, Table

FORMAT: Final = 1
NAME: Final = "manifest.json"
OCTETS_AT_MOST: Final = 4_000_000
_UNREADABLE: Final = (KeyError, TypeError, ValueError, OverflowError, OSError)


@dataclass(frozen=True, slots=True)
class Part:
    """One table: its columns, how many rows, how many octets of text, and their SHA-256."""

    table: str
    columns: tuple[str, ...]
    rows: int
    octets: int
    sha256: str

    @classmethod
    def of(cls, table: Table, found: Sum) -> "Part":
        return cls(table.name, table.columns, found.rows, found.octets, found.sha256)

    @property
    def file(self) -> str:
        return f"{self.table}.copy.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`migrations` are the applied ones; `vault_keys` the versions that sealed what is in it."""

    made_at: str
    server: str
    migrations: tuple[str, ...]
    sequences: dict[str, int]
    vault_keys: tuple[int, ...]
    left_out: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def write(folder: Path, manifest: Manifest) -> str:
    """Write the manifest as the last file of the backup; return its MAC in hex."""
    version = macs.current_version()
    said = {"format": FORMAT, "keyVersion": version, "content": asdict(manifest)}
    plain = json.loads(json.dumps(said))
    mac = macs.of_backup(plain, version).hex()
    handle = os.open(folder / NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump({**plain, "mac": mac}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    return mac


def read(folder: Path) -> Manifest:
    """Return the manifest. Raises Invalid where it is none, or its MAC does not hold."""
    try:
        with (folder / NAME).open("rb") as stream:
            said: dict[str, Any] = json.loads(stream.read(OCTETS_AT_MOST))
        mac = bytes.fromhex(said.pop("mac"))
        version = int(said["keyVersion"])
        made = macs.of_backup(said, version)
    except KeyError as error:
        raise Invalid(
            "no_manifest", f"{NAME} is incomplete, or AUDIT_KEYS lacks its key: {error}."
        ) from error
    except _UNREADABLE as error:
        raise Invalid("no_manifest", f"{folder} holds no backup that was finished.") from error
    if not macs.same(made, mac):
        raise Invalid("changed", f"{NAME} was changed, or made under another audit key.")
    if said["format"] != FORMAT:
        raise Invalid("other_format", f"{NAME} has format {said['format']}, not {FORMAT}.")
    return _parsed(said["content"])


def _parsed(content: dict[str, Any]) -> Manifest:
    """Nothing is doubted here: the MAC says that we wrote it."""
    parts = (Part(**(part | {"columns": tuple(part["columns"])})) for part in content["parts"])
    lists = {name: tuple(content[name]) for name in ("migrations", "vault_keys", "left_out")}
    return Manifest(**(content | lists | {"parts": tuple(parts)}))
