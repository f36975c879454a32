"""A tiny HTTP server on loopback that serves CRLs and OCSP answers of foreign CAs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from tests.factories import pki
from v2g.pki import responder
from v2g.pki.certificate import Certificate
from v2g.pki.status import Status
from v2g.protocol import IsoVersion

Route = Callable[[bytes], tuple[int, bytes]]


class StatusServer:
    """Routes by path; `asked` lists the paths that were called, in their order."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def serve(self, path: str, body: bytes, status: int = 200) -> str:
        """Answer every request on the path with these octets; returns the URL."""
        self.routes[path] = lambda _: (status, body)
        return self.url(path)

    def serve_ocsp(
        self,
        path: str,
        issuer: pki.Holder,
        *,
        revoked: tuple[Certificate, ...] = (),
        status: Status | None = None,
        at: datetime,
    ) -> str:
        """Answer OCSP requests about certificates of the issuer; returns the URL."""
        serials = {certificate.serial for certificate in revoked}

        def answer(body: bytes) -> tuple[int, bytes]:
            query = responder.read_request(body)
            named = Status.REVOKED if query.cert_id.serial in serials else Status.GOOD
            return 200, ocsp_response(issuer, query, status or named, at=at)

        self.routes[path] = answer
        return self.url(path)

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _answer(self, body: bytes) -> None:
                served.asked.append(self.path)
                route = served.routes.get(self.path)
                status, content = route(body) if route else (404, b"")
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def ocsp_response(
    issuer: pki.Holder, query: responder.Query, status: Status, *, at: datetime, days: int = 1
) -> bytes:
    """Make an OCSP response that the issuer itself signs, one minute old."""
    reply = responder.Reply(
        status,
        at - timedelta(minutes=1),
        at + timedelta(days=days),
        at - timedelta(minutes=1) if status is Status.REVOKED else None,
    )
    return responder.build_response(
        query,
        reply,
        responder=issuer.certificate,
        signing_key=issuer.key,
        version=IsoVersion.ISO_2,
        attach_responder=False,
    )


@contextmanager
def running(settings: Settings) -> Iterator[StatusServer]:
    """Run a server that the outgoing HTTP client may call."""
    server = StatusServer()
    server.start()
    settings.HTTP_SANDBOX_TARGETS = (server.host,)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(name="status_server")
def status_server_fixture(settings: Settings) -> Iterator[StatusServer]:
    with running(settings) as server:
        yield server
