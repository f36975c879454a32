"""Looking at real processes: which of those that carry a mark in their environment still live."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
MARK = "PLUGPOOL_TEST_MARK"


def mark() -> str:
    """Return a value for MARK that no other process has; children inherit it."""
    return uuid4().hex


def marked(value: str) -> list[str]:
    """The command lines of every living process with this mark (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if f"{MARK}={value}".encode() in environment.split(b"\0"):
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def there(value: str, count: int, *, within: float) -> int:
    """Wait until `count` marked processes live; a new one shows no mark for a moment."""
    until = time.monotonic() + within
    while (found := len(marked(value))) < count and time.monotonic() < until:
        time.sleep(0.05)
    return found


def gone(value: str, *, within: float) -> list[str]:
    """Wait until no marked process lives; return those that still do after `within` seconds."""
    until = time.monotonic() + within
    while (left := marked(value)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def python(
    *arguments: str,
    value: str,
    environment: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start Python in the project with the mark, its output readable line by line."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, MARK: value, **(environment or {})},
        stdout=stdout,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
