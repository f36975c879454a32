"""`make demo`: start a server, take every step against it, stop it.

One line for each step: who, what, what came of it, seconds. The exit status is 0 when all of them
succeeded, else 1 after a sentence about the one that did not.
"""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import django
import httpx

from apps.demo.lifecycle.backends import StepFailed
from apps.demo.lifecycle.receiver import Receiver
from apps.demo.lifecycle.server import Server
from v2g.errors import V2GError

if TYPE_CHECKING:
    from apps.demo.lifecycle.steps import Step

COLUMNS: Final = 100
WIDTH: Final = COLUMNS - 8
"""Columns before the seconds."""
INDENT: Final = 15
"""Columns before what a step does."""
FAILURES: Final = (StepFailed, V2GError, httpx.HTTPError, LookupError, ValueError)
"""Answers that are not those of the step; the last two stand for what has another form."""


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    """Run it in a folder that is gone afterwards."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _leave)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plugpool-demo-") as folder:
        _say("The life of a contract, over HTTP against a server of its own\n")
        try:
            with Server(folder=Path(folder)) as server, Receiver(server.receiver_port) as receiver:
                _tell("    Web server, worker, clock and Valkey run, with a demo ecosystem", begun)
                os.environ.update(server.environment)
                django.setup()
                number = _play(server, receiver)
        except FAILURES as error:
            kind = "" if isinstance(error, StepFailed) else f"{type(error).__name__}: "
            _say(f"\nIt failed: {kind}{error}")
            return 1
    _tell(f"\nAll {number} steps succeeded; the server is gone again", begun)
    return 0


def _play(server: Server, receiver: Receiver) -> int:
    """Take the steps; return how many there are."""
    # Only now do the settings know where this server lives.
    from apps.demo.lifecycle import cast, steps  # noqa: PLC0415

    ecosystem = json.loads(server.ecosystem_file.read_bytes())
    with httpx.Client(base_url=ecosystem["base_url"], timeout=30, trust_env=False) as http:
        parts = cast.assemble(ecosystem, http=http, confirm=server.confirm, receiver=receiver)
        run = steps.Lifecycle(parts)
        _say("    " + ", ".join(f"{part} {name}" for part, name in parts.names().items()) + "\n")
        for number, step in enumerate(steps.STEPS, 1):
            started = time.monotonic()
            try:
                came_of_it = step.act(run)
            except FAILURES:
                _say(told(number, step, "FAILED"))
                raise
            result, *details = came_of_it.splitlines()
            _tell(told(number, step, result), started)
            for detail in details:
                _say(f"{'':{INDENT}}{detail}")
    return len(steps.STEPS)


def told(number: int, step: "Step", came_of_it: str) -> str:
    """Return the line about a step, without its time."""
    return f"{number:2}  {step.who:<9}  {step.what:<42}  {came_of_it}"


def _tell(what: str, started: float) -> None:
    _say(f"{what:<{WIDTH}} {time.monotonic() - started:5.1f} s")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
