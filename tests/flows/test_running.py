"""`make run` as a person meets it: what it refuses to start. tests/drills interrupt it."""

import base64
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.demo.lifecycle.backends import StepFailed
from apps.demo.lifecycle.server import Server
from tests.demo import processes
from tests.demo.processes import MARK
from tests.flows.conftest import stack

pytestmark = pytest.mark.stack


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="plugpool-run-") as name:
        yield Path(name)


def test_a_port_in_use_is_said_and_nothing_is_started(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = stack(folder).environment | {"PORT": port, MARK: folder.name}
        done = processes.python(
            "manage.py", "run_local", value=folder.name, environment=environment
        )
        output, _ = done.communicate(timeout=60)
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in output
    assert f"PORT={int(port) + 1} make run" in output
    assert processes.gone(folder.name, within=5) == []
    assert not (folder / "plugpool.sqlite3").exists()


def test_two_starts_cannot_share_a_folder(server: Server) -> None:
    with pytest.raises(StepFailed, match="already running"), stack(server.folder):
        pass


def _key() -> str:
    return "1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def test_production_settings_refuse_the_demo(folder: Path) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "plugpool.example",
        "PUBLIC_URL": "https://plugpool.example",
        "DATABASE_URL": f"sqlite:///{folder}/production.sqlite3",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "VAULT_KEYS": _key(),
        "AUDIT_KEYS": _key(),
        "VAR_DIR": str(folder),
    }
    for command in ("run_local", "build_demo"):
        done = processes.python("manage.py", command, value=folder.name, environment=environment)
        output, _ = done.communicate(timeout=60)
        assert done.returncode != 0
        assert f"Unknown command: '{command}'" in output
    script = "import django; from django.urls import resolve; django.setup();"
    script += "resolve('/sandbox/pki/aurora/sub2/crl')"
    done = processes.python("-c", script, value=folder.name, environment=environment)
    output, _ = done.communicate(timeout=60)
    assert "Resolver404" in output
