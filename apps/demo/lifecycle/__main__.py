"""`make demo`: start a server, take every step against it, stop it.

One line for each step with its time; the exit status is 0 when all of them succeeded.
"""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

import django
import httpx

from apps.demo.lifecycle.backends import StepFailed
from apps.demo.lifecycle.server import Server
from v2g.errors import V2GError


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    """Run it in a folder that is gone afterwards."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    with tempfile.TemporaryDirectory(prefix="plugpool-demo-") as folder:
        _say("Starting a server with a demo ecosystem of its own ...")
        started = time.monotonic()
        try:
            with Server(folder=Path(folder)) as server:
                _tell("Web server, worker, clock and Valkey run", started)
                os.environ.update(server.environment)
                django.setup()
                return _play(server)
        except StepFailed as error:
            _say(f"FAILED: {error}")
            return 1


def _play(server: Server) -> int:
    # Only now do the settings know where this server lives.
    from apps.demo.lifecycle import cast, steps  # noqa: PLC0415

    ecosystem = json.loads(server.ecosystem_file.read_bytes())
    begun = time.monotonic()
    with httpx.Client(base_url=ecosystem["base_url"], timeout=30, trust_env=False) as http:
        parts = cast.assemble(ecosystem, http=http, confirm=server.confirm)
        lifecycle = steps.Lifecycle(parts)
        for number, (title, step) in enumerate(steps.STEPS, 1):
            started = time.monotonic()
            try:
                step(lifecycle)
            except (StepFailed, V2GError, httpx.HTTPError) as error:
                _say(f"{number:2}. FAILED: {title}\n    {type(error).__name__}: {error}")
                return 1
            _tell(f"{number:2}. {title}", started)
    _tell(f"All {len(steps.STEPS)} steps succeeded", begun)
    return 0


def _tell(what: str, started: float) -> None:
    _say(f"{what:<76} {time.monotonic() - started:6.2f} s")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
