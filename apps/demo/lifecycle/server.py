"""A server of its own for one run: free port, folder of its own, started as `make run` does."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

import httpx

from apps.demo.lifecycle import second_person
from apps.demo.lifecycle.backends import StepFailed

PROJECT: Final = Path(__file__).resolve().parents[3]
FIRST_START_S: Final = 240
STOPS_WITHIN_S: Final = 45
KEPT_LINES: Final = 60


NOT_OURS = {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL"}
"""Never taken over from the environment: the lifecycle runs on data of its own."""


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on at this moment."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


class Server:
    """`manage.py run_local` in a process of its own; leaving the context stops all of it.

    It sends webhooks to `receiver_port` of this machine, if they are registered.
    """

    def __init__(self, *, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port, self.receiver_port = free_ports(2)
        self.environment = {
            **{key: value for key, value in os.environ.items() if key not in NOT_OURS},
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "VAR_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "HTTP_SANDBOX_TARGETS": f"127.0.0.1:{self.receiver_port}",
            **(environment or {}),
        }
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "run_local"],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        Thread(target=self._keep_lines, args=(self._process,), daemon=True).start()
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _keep_lines(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.lines.append(line.rstrip())

    def _wait(self) -> None:
        until = time.monotonic() + FIRST_START_S
        while not (self.ecosystem_file.exists() and self._answers()):
            if self._process is None or self._process.poll() is not None:
                raise StepFailed("The server ended:\n" + "\n".join(self.lines))
            if time.monotonic() > until:
                raise StepFailed("The server did not come up:\n" + "\n".join(self.lines))
            time.sleep(0.1)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def ecosystem_file(self) -> Path:
        return self.folder / "demo" / "ecosystem.json"

    @property
    def pid(self) -> int:
        """The process that supervises all others."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process.pid

    def confirm(self, fingerprint: str) -> None:
        """Let the second person of the operator confirm a root, see `second_person`."""
        ecosystem = json.loads(self.ecosystem_file.read_bytes())
        with httpx.Client(base_url=ecosystem["base_url"], timeout=30, trust_env=False) as http:
            second_person.confirm(ecosystem, fingerprint, http=http)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Ask it to stop and wait; return its exit status."""
        process: subprocess.Popen[Any] | None = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
