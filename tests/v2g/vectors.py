"""The EXI vectors of tests/vectors: messages and fragments that EXIficient encoded.

All keys and certificates in them are throw-away.
"""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "vectors" / "exi.jsonl.gz"


@dataclass(frozen=True)
class Vector:
    """One stream, its JSON form and what is known about its signature."""

    number: int
    name: str
    schema: str
    kind: Any
    case: str
    form: dict[str, Any]
    exi: bytes
    crypto: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"

    @property
    def is_iso2_document(self) -> bool:
        return self.kind == "document" and ":2:2013:" in self.schema


def _load() -> tuple[Vector, ...]:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple(
        Vector(
            number=row["n"],
            name=row["name"],
            schema=row["schema"],
            kind=row["kind"],
            case=row["case"],
            form=row["json"],
            exi=bytes.fromhex(row["exi"]),
            crypto=row.get("crypto", {}),
        )
        for row in rows
    )


VECTORS = _load()
ISO2_DOCUMENTS = tuple(vector for vector in VECTORS if vector.is_iso2_document)
