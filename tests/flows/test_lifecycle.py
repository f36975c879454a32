"""The life of a contract: once over real HTTP against the running stack, once in this process."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from pytest_django import Settings

from apps.core import http as outgoing
from apps.demo import state
from apps.demo.building.build import build
from apps.demo.lifecycle import second_person
from apps.demo.lifecycle.__main__ import COLUMNS, INDENT, WIDTH, told
from apps.demo.lifecycle.cast import assemble
from apps.demo.lifecycle.receiver import Receiver
from apps.demo.lifecycle.server import Server, free_ports
from apps.demo.lifecycle.steps import STEPS, Lifecycle
from apps.events import services as events
from apps.events.models import WebhookEndpoint


def _play(lifecycle: Lifecycle) -> None:
    """Take every step; what it says of itself must fit into a line of `make demo`."""
    for number, step in enumerate(STEPS, 1):
        result, *details = step.act(lifecycle).splitlines()
        assert len(told(number, step, result)) <= WIDTH, result
        assert all(INDENT + len(line) <= COLUMNS for line in details), details


@pytest.mark.stack
def test_the_life_of_a_contract_over_http(
    server: Server, ecosystem: dict[str, Any], http: httpx.Client, settings: Settings
) -> None:
    settings.VAR_DIR = server.folder
    with Receiver(server.receiver_port) as receiver:
        parts = assemble(ecosystem, http=http, confirm=server.confirm, receiver=receiver)
        _play(Lifecycle(parts))


class Network(httpx.BaseTransport):
    """Our own application in place of the network, but for the receivers on this machine."""

    def __init__(self) -> None:
        self._ours = httpx.WSGITransport(app=get_wsgi_application())
        self._theirs = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ours = request.url.host == "testserver"
        return (self._ours if ours else self._theirs).handle_request(request)

    def close(self) -> None:
        self._theirs.close()


class Driven(Receiver):
    """A receiver that does the work of Celery before it waits."""

    def wait_for(self, event_type: str, emaid: str, *, secret: str) -> dict[str, Any]:
        events.sweep(now=timezone.now())
        for endpoint in WebhookEndpoint.objects.all():
            events.dispatch(endpoint_id=endpoint.pk)
        return super().wait_for(event_type, emaid, secret=secret)


@pytest.fixture
def in_process(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[httpx.Client]:
    """Our own application in place of the network, for both directions."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(outgoing, "_transport", lambda *_: Network())
    with httpx.Client(transport=Network(), base_url="http://testserver") as client:
        yield client


def test_the_life_of_a_contract_in_one_process(
    in_process: httpx.Client, settings: Settings
) -> None:
    build(out=io.StringIO())
    ecosystem = state.read()
    confirm = partial(second_person.confirm, ecosystem, http=in_process)
    (port,) = free_ports(1)
    settings.HTTP_SANDBOX_TARGETS = (f"127.0.0.1:{port}",)
    with Driven(port) as receiver:
        parts = assemble(ecosystem, http=in_process, confirm=confirm, receiver=receiver)
        _play(Lifecycle(parts))
