"""A party's webhook receiver on this machine, and the check of what it gets (docs/webhooks.md)."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from apps.demo.lifecycle.backends import StepFailed, require

SIGNATURES: Final = {
    "payload-signature": "",
    "X-Hubject-Signature": "sha256=",
    "X-Operator-Signature": "sha256=",
}
"""The headers that carry the HMAC, and what stands before it."""
MAX_BODY: Final = 100_000
PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST as it came."""

    headers: Message
    body: bytes

    def event(self, secret: str) -> dict[str, Any]:
        """Return the event; StepFailed unless every header carries the HMAC of the raw body."""
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        for name, prefix in SIGNATURES.items():
            given = self.headers.get(name, "")
            require(hmac.compare_digest(given, prefix + expected), f"{name} is not the HMAC")
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver:
    """Listens on loopback while it is entered, answers 200, keeps what came in its order."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/webhooks"
        self._port = port
        self._came: Queue[Delivery] = Queue()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        came = self._came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name that http.server asks for
                size = min(int(self.headers.get("Content-Length", "0")), MAX_BODY)
                came.put(Delivery(self.headers, self.rfile.read(size)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing: the steps tell what came."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def next(self, what: str = "event", *, within_s: float = PATIENCE_S) -> Delivery:
        """Return what came next, or comes; StepFailed where nothing does in time."""
        try:
            return self._came.get(timeout=max(within_s, 0.01))
        except Empty:
            raise StepFailed(f"no {what} came in time") from None

    def wait_for(self, event_type: str, emaid: str, *, secret: str) -> dict[str, Any]:
        """Return the event of this kind about this contract; the signature of each is checked.

        Others are passed over: a receiver may get an event twice, and of other vehicles meanwhile.
        """
        until = time.monotonic() + PATIENCE_S
        while True:
            event = self.next(event_type, within_s=until - time.monotonic()).event(secret)
            if event["eventType"] == event_type and event["payload"]["emaid"] == emaid:
                return event
