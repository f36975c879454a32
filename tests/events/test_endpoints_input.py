"""What may stand in a webhook endpoint: malformed bodies and targets that are not public."""

from typing import Any

import pytest
from pytest_django import Settings

from apps.events.models import WebhookEndpoint
from tests.events.conftest import BODY, PATH, URL, created
from tests.factories.calls import Caller, messages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"enabledEvents": []},
        {"enabledEvents": None},
        {"enabledEvents": "root.cert.added"},
        {"enabledEvents": ["contract.created"]},
        {"enabledEvents": ["webhook.test"]},
        {"enabledEvents": [None]},
        {"enabledEvents": ["root.cert.added"] * 101},
        {"status": "paused"},
        {"status": True},
        {"status": "deleted"},
        {"apiVersion": "v2"},
        {"apiVersion": 1},
        {"description": "x" * 501},
        {"description": ["x"]},
        {"description": "a\x00b"},
        {"metadata": []},
        {"metadata": {"a": "x" * 4000}},
        {"metadata": {"a": "\x00"}},
        {"url": None},
        {"url": 7},
    ],
)
def test_a_malformed_body_is_refused(caller: Caller, change: dict[str, Any]) -> None:
    response = caller.post(PATH, BODY | change)
    assert response.status_code == 400
    assert messages(response)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks",
        "http://hooks.example.com/payload",
        "ftp://hooks.example.com/",
        "//hooks.example.com/",
        "https://",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:80/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/\n",
        "https://höoks.example.com/",
        "https://hooks.example.com/" + "x" * 500,
        "https://localhost/",
        "https://LOCALHOST./",
        "https://printer.local/",
        "https://db.internal/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::7f00:1]/",
    ],
)
def test_only_public_https_is_a_target(caller: Caller, url: str) -> None:
    assert caller.post(PATH, BODY | {"url": url}).status_code == 400
    known = created(caller)
    assert caller.put(f"{PATH}/{known['id']}", {"url": url}).status_code == 400
    assert WebhookEndpoint.objects.get().url == URL


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:443/a?b=c",
        "https://xn--hks-0na.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_public_targets_are_taken(caller: Caller, url: str) -> None:
    assert created(caller, url=url)["url"] == url


def test_a_sandbox_target_needs_the_sandbox(caller: Caller, settings: Settings) -> None:
    settings.HTTP_SANDBOX_TARGETS = ("127.0.0.1:9999",)
    settings.SANDBOX = False
    assert caller.post(PATH, BODY | {"url": "http://127.0.0.1:9999/"}).status_code == 400
    settings.SANDBOX = True
    created(caller, url="http://127.0.0.1:9999/")
    assert caller.post(PATH, BODY | {"url": "http://127.0.0.1:9998/"}).status_code == 400
