"""What `make run` looks at before it starts anything."""

from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from apps.core.actor import Role, system
from apps.demo import state
from apps.demo.local import preparation
from apps.participants import services as participants


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
