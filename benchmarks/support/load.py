"""A web server of the product, and requests at it over kept-alive connections."""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Call:
    """One POST: its path and its JSON body, ready to send, and headers of its own."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, path: str, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> "Call":
        return cls(path, json.dumps(body).encode(), headers or {})


def use(database: Path | str) -> None:
    """Set Django up on a new database in this process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.support.settings"
    os.environ["BENCH_DATABASE"] = str(database)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def server(database: Path | str, *, workers: int = 1) -> Iterator[int]:
    """Granian workers on that database (an SQLite file or a URL); yields their port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.support.settings",
        "BENCH_DATABASE": str(database),
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    command += ["--workers", str(workers)]
    command += ["--host", HOST, "--port", str(port), "--log-level", "warning"]
    command += ["--blocking-threads", "4", "--backpressure", "64"]
    process = subprocess.Popen([*command, "config.wsgi:application"], cwd=ROOT, env=environment)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def rate(
    port: int, calls: Sequence[Call], token: str, *, seconds: float, clients: int = 4
) -> float:
    """Requests answered in a second, `clients` at a time, each from another place of the calls on.

    Raises RuntimeError for an answer that is not 200.
    """
    common = {"Content-Type": "application/json"}
    if token:
        common["Authorization"] = f"Bearer {token}"
    done = [0] * clients
    failures: list[str] = []
    until = time.monotonic() + seconds

    def run(place: int) -> None:
        connection = HTTPConnection(HOST, port, timeout=30)
        first = place * len(calls) // clients
        for call in itertools.cycle([*calls[first:], *calls[:first]]):
            if time.monotonic() > until or failures:
                return
            connection.request("POST", call.path, call.body, {**common, **call.headers})
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200:
                failures.append(f"{call.path}: {response.status} {answer[:300]!r}")
            done[place] += 1

    started = time.monotonic()
    threads = [threading.Thread(target=run, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return sum(done) / (time.monotonic() - started)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start")
