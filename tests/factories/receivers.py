"""A webhook receiver on loopback, as a backend runs one, and what it was sent."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from apps.core.actor import Actor
from apps.events import audience, secrets, services
from apps.events.models import EventKind, WebhookEndpoint


@dataclass(frozen=True)
class Received:
    """One request: path, headers in lower case, the raw body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def envelope(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def kind(self) -> str:
        return str(self.envelope["eventType"])

    def is_signed_with(self, secret: bytes) -> bool:
        """Check the three headers as receivers of different make do."""
        digest = hmac.new(secret, self.body, hashlib.sha256).hexdigest()
        return (
            hmac.compare_digest(self.headers["payload-signature"], digest)
            and self.headers["x-hubject-signature"] == f"sha256={digest}"
            and self.headers["x-operator-signature"] == f"sha256={digest}"
        )


Answer = Callable[[Received], int]


@dataclass
class Receiver:
    """Answers 200 to everything, unless `answer` says otherwise; a redirect leads to /elsewhere."""

    answer: Answer = lambda request: 200
    said: bytes = b""
    delay_s: float = 0.0
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.host}{path}"

    @property
    def kinds(self) -> list[str]:
        return [request.kind for request in self.received]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.path, headers, body)
                receiver.received.append(request)
                time.sleep(receiver.delay_s)
                status = receiver.answer(request)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", receiver.url("/elsewhere"))
                self.send_header("Content-Length", str(len(receiver.said)))
                self.end_headers()
                self.wfile.write(receiver.said)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A caller that hangs up early is part of some tests."""


@contextmanager
def running(settings: Settings) -> Iterator[Receiver]:
    """Run a receiver that the sandbox allows."""
    receiver = Receiver()
    receiver.start()
    settings.SANDBOX = True
    settings.HTTP_SANDBOX_TARGETS = (*settings.HTTP_SANDBOX_TARGETS, receiver.host)
    try:
        yield receiver
    finally:
        receiver.stop()


@pytest.fixture(name="receiver")
def receiver_fixture(settings: Settings) -> Iterator[Receiver]:
    with running(settings) as receiver:
        yield receiver


def subscribe(
    actor: Actor, receiver: Receiver, *kinds: EventKind, path: str = "/hook"
) -> WebhookEndpoint:
    """Register an endpoint for the kinds, or for all that the party is told of."""
    return services.create_endpoint(
        actor=actor, url=receiver.url(path), events=kinds or audience.kinds_of(actor.roles)
    )


def secret_of(endpoint: WebhookEndpoint) -> bytes:
    return secrets.open_(endpoint)
