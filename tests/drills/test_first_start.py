"""`make run` interrupted while it builds the demo, started again, and started a second time."""

import json
import signal
import tempfile
import time
from pathlib import Path

import httpx

from apps.demo.lifecycle.server import Server
from tests.demo import processes
from tests.flows.conftest import stack


def _interrupt_while_building(server: Server) -> None:
    """Start the server and end it as soon as the demo is being built."""
    process = processes.python(
        "manage.py", "run_local", value=server.folder.name, environment=server.environment
    )
    until = time.monotonic() + 180
    while not (server.folder / "demo" / "pki").exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=45)


def test_an_interrupted_first_start_starts_over_and_a_second_start_keeps_the_data() -> None:
    with tempfile.TemporaryDirectory(prefix="plugpool-run-") as name:
        folder = Path(name)
        _start_twice(folder, stack(folder))


def _start_twice(folder: Path, server: Server) -> None:
    _interrupt_while_building(server)
    assert processes.gone(folder.name, within=5) == []
    assert not server.ecosystem_file.exists()

    with server:
        first = json.loads(server.ecosystem_file.read_bytes())
        assert server.stop(signal.SIGINT) == 0
    assert processes.gone(folder.name, within=5) == []

    with server:
        assert json.loads(server.ecosystem_file.read_bytes()) == first
        client = first["organizations"][0]["clients"][0]
        answer = httpx.post(
            first["token_url"],
            json={"grant_type": "client_credentials", **_credentials(client)},
            trust_env=False,
        )
        assert answer.status_code == 200
    assert processes.gone(folder.name, within=5) == []


def _credentials(client: dict[str, str]) -> dict[str, str]:
    return {name: client[name] for name in ("client_id", "client_secret")}
