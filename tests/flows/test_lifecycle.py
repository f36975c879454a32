"""The life of a contract: once over real HTTP against the running stack, once in this process."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from pytest_django import Settings

from apps.core import http as outgoing
from apps.demo import state
from apps.demo.building.build import build
from apps.demo.lifecycle import second_person
from apps.demo.lifecycle.cast import assemble
from apps.demo.lifecycle.server import Server
from apps.demo.lifecycle.steps import STEPS, Lifecycle


def _play(lifecycle: Lifecycle) -> list[str]:
    done = []
    for title, step in STEPS:
        step(lifecycle)
        done.append(title)
    return done


@pytest.mark.stack
def test_the_life_of_a_contract_over_http(
    server: Server, ecosystem: dict[str, Any], http: httpx.Client, settings: Settings
) -> None:
    settings.VAR_DIR = server.folder
    lifecycle = Lifecycle(assemble(ecosystem, http=http, confirm=server.confirm))
    assert len(_play(lifecycle)) == len(STEPS)


@pytest.fixture
def in_process(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[httpx.Client]:
    """Our own application in place of the network, for both directions."""
    settings.VAR_DIR = tmp_path
    transport = httpx.WSGITransport(app=get_wsgi_application())
    monkeypatch.setattr(outgoing, "_transport", lambda *_: transport)
    with httpx.Client(transport=transport, base_url="http://testserver") as client:
        yield client


def test_the_life_of_a_contract_in_one_process(in_process: httpx.Client) -> None:
    build(out=io.StringIO())
    ecosystem = state.read()
    confirm = partial(second_person.confirm, ecosystem, http=in_process)
    lifecycle = Lifecycle(assemble(ecosystem, http=in_process, confirm=confirm))
    assert len(_play(lifecycle)) == len(STEPS)
