"""Where the demo ecosystem stands on disk, and how far its building got.

    var/demo/building        while the first start builds it
    var/demo/ecosystem.json  once it is complete

A build that was interrupted leaves the first without the second and starts over.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings


def folder() -> Path:
    return Path(settings.VAR_DIR) / "demo"


def ecosystem_file() -> Path:
    return folder() / "ecosystem.json"


def _building() -> Path:
    return folder() / "building"


def complete() -> bool:
    return ecosystem_file().exists()


def interrupted() -> bool:
    return _building().exists() and not complete()


def begin() -> None:
    """Mark that a build has begun, in an empty folder."""
    clear()
    make_folder(folder())
    write(_building(), b"")


def clear() -> None:
    """Forget the files of the demo."""
    if folder().exists():
        shutil.rmtree(folder())


def finish(ecosystem: dict[str, Any]) -> None:
    """Write `ecosystem.json` in one step; from then on the demo is complete."""
    write(ecosystem_file(), json.dumps(ecosystem, indent=2).encode())
    _building().unlink(missing_ok=True)


def read() -> dict[str, Any]:
    """Return `ecosystem.json`."""
    found: dict[str, Any] = json.loads(ecosystem_file().read_bytes())
    return found


def make_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, and those above it that do not exist yet."""
    if not path.parent.exists():
        make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    return path


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    beside.replace(path)
