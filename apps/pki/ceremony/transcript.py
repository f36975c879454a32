"""The signed transcript of a root's ceremonies: one line for each act, each signed by the root key.

A line is JSON: number, act, time, who was there, the SHA-256 of every file that went in and came
out, the SHA-256 of the line before, and the ECDSA signature over all of that. So nobody without
the root key can add, change, reorder or take out a line; only the last ones can be cut off, and
whoever keeps a copy sees that.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA512

from apps.core.errors import Invalid

NAME: Final = "transcript.jsonl"
OCTETS_AT_MOST: Final = 16_000_000
_CONTEXT: Final = b"plugpool ceremony transcript 1\0"
"""Stands in front of what is signed: no certificate or CRL begins like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done; `detail` holds texts, numbers and lists of those."""

    act: str
    who: tuple[str, ...]
    at: datetime
    files: Mapping[str, bytes]
    detail: Mapping[str, Any]


def write(folder: Path, act: Act, key: ec.EllipticCurvePrivateKey) -> None:
    """Sign the act and put it behind those before it. Raises Invalid where those do not hold."""
    before = read(folder, key.public_key())
    said = {
        "number": len(before) + 1,
        "act": act.act,
        "at": act.at.isoformat(timespec="seconds"),
        "who": list(act.who),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in act.files.items()},
        "detail": dict(act.detail),
        "previous": hashlib.sha256(_octets(before[-1])).hexdigest() if before else "",
    }
    signature = key.sign(_CONTEXT + _octets(said), ec.ECDSA(SHA512()))
    line = said | {"signature": base64.b64encode(signature).decode("ascii")}
    with (folder / NAME).open("ab") as stream:
        stream.write(_octets(line) + b"\n")
        stream.flush()


def read(folder: Path, public: ec.EllipticCurvePublicKey) -> list[dict[str, Any]]:
    """Return all acts. Raises Invalid at the first line that does not hold."""
    path = folder / NAME
    found: list[dict[str, Any]] = []
    for number, octets in enumerate(_lines(path), start=1):
        try:
            line = json.loads(octets)
            signature = base64.b64decode(line["signature"], validate=True)
            said = {name: value for name, value in line.items() if name != "signature"}
            public.verify(signature, _CONTEXT + _octets(said), ec.ECDSA(SHA512()))
            follows = hashlib.sha256(_octets(found[-1])).hexdigest() if found else ""
            if (line["number"], line["previous"]) != (number, follows):
                raise Invalid("broken_transcript", f"Line {number} of {NAME} does not follow.")
        except (ValueError, KeyError, TypeError, InvalidSignature) as error:
            raise Invalid(
                "broken_transcript", f"Line {number} of {NAME} is not signed by the root."
            ) from error
        found.append(line)
    return found


def _lines(path: Path) -> Sequence[bytes]:
    if not path.exists():
        return []
    with path.open("rb") as stream:
        return stream.read(OCTETS_AT_MOST).splitlines()


def _octets(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
