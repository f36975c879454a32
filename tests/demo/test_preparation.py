"""What `make run` looks at before it starts anything."""

import socket
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from apps.core.actor import Role, system
from apps.demo import state
from apps.demo.local import preparation
from apps.participants import services as participants
from tests.demo import processes


@pytest.fixture
def var(tmp_path: Path, settings: Settings) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_an_empty_database_gets_a_demo(var: Path, db: None) -> None:
    assert preparation.database() is True


def test_a_database_that_holds_an_ecosystem_is_left_alone(var: Path, db: None) -> None:
    participants.create_organization(actor=system("test"), name="Mine", roles=[Role.MO])
    assert preparation.database() is False


def test_files_of_a_demo_whose_database_is_gone_go_too(var: Path, db: None) -> None:
    state.begin()
    state.finish({"organizations": []})
    assert preparation.database() is True
    assert not state.complete()


def test_an_interrupted_build_in_a_database_of_ones_own_is_never_wiped(var: Path, db: None) -> None:
    state.begin()
    with pytest.raises(CommandError, match="of yours"):
        preparation.database()
    assert state.interrupted()


def test_only_a_build_that_did_not_finish_counts_as_interrupted(var: Path) -> None:
    assert not state.interrupted()
    state.begin()
    assert state.interrupted()
    state.finish({"organizations": []})
    assert state.complete()
    assert not state.interrupted()


def test_a_folder_serves_one_process_at_a_time(var: Path, settings: Settings) -> None:
    settings.VALKEY_SOCKET = var / "run" / "valkey.sock"
    settings.STATIC_ROOT = var / "static"
    with (
        preparation.alone(),
        pytest.raises(CommandError, match="already running"),
        preparation.alone(),
    ):
        pass
    with preparation.alone():
        assert (var / "run").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("port", ["", "web", "0", "-1", "65536", "8000.0", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused_in_one_sentence(tmp_path: Path, port: str) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "VAR_DIR": str(tmp_path),
        "PORT": port,
    }
    done = processes.python(
        "manage.py", "run_local", value=processes.mark(), environment=environment
    )
    output, _ = done.communicate(timeout=60)
    assert done.returncode == 1
    assert output == f"Error: PORT must be a number from 1 to 65535, not '{port}'.\n"
    assert not list(tmp_path.iterdir())


def test_a_port_in_use_names_a_way_out_that_works(var: Path, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.PORT = taken.getsockname()[1]
        beside = f"PORT={settings.PORT + 1}"
        with pytest.raises(CommandError, match=f"{beside} make run takes another port"):
            preparation.require_free_port()
        _demo_for("http://127.0.0.1:8000")
        with pytest.raises(CommandError, match=f"{beside} VAR_DIR=var/"):
            preparation.require_free_port()


def _demo_for(base_url: str) -> None:
    state.begin()
    state.finish({"base_url": base_url, "organizations": []})


def test_a_demo_is_not_started_where_its_certificates_do_not_lead(
    var: Path, settings: Settings
) -> None:
    _demo_for("http://127.0.0.1:8000")
    settings.PORT, settings.PUBLIC_URL = 8001, "http://127.0.0.1:8001"
    settings.HTTP_SANDBOX_TARGETS = ("127.0.0.1:8001", "localhost:8001")
    with pytest.raises(CommandError) as refused:
        preparation.require_same_address()
    assert str(refused.value) == (
        f"The demo in {var} was built for http://127.0.0.1:8000, which its certificates name:"
        " start it there (PORT=8000 make run), or build another one here"
        " (PORT=8001 VAR_DIR=var/8001 make run)."
    )


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "https://pnc.example"])
def test_a_demo_is_started_where_its_address_is_answered(
    var: Path, settings: Settings, public_url: str
) -> None:
    _demo_for("http://127.0.0.1:8000")
    settings.PUBLIC_URL = public_url
    settings.HTTP_SANDBOX_TARGETS = ("127.0.0.1:8000",)
    preparation.require_same_address()
