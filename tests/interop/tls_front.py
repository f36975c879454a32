"""A TLS end in front of the live server, as a proxy is in production.

It asks for a client certificate without insisting, checks it against our CAs, and passes it on in
the header of RFC 9440, overwriting whatever the client sent there.
"""

import base64
import http.client
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

HEADER = "Client-Cert"


@dataclass
class Front:
    """Where it listens. `added` are headers that it puts into every request, `prefix` comes
    before every path; `answered` are method with path, and status.
    """

    port: int
    prefix: str = ""
    added: dict[str, str] = field(default_factory=dict)
    answered: list[tuple[str, int]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}"


@contextmanager
def tls_front(*, to: str, certificate: Path, key: Path, client_cas: str) -> Iterator[Front]:
    """Serve TLS for the server at the URL `to`; `client_cas` is PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(cadata=client_cas)
    context.verify_mode = ssl.CERT_OPTIONAL
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    front = Front(port=server.server_port)
    server.RequestHandlerClass = _handler(urlsplit(to).netloc, front)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(behind: str, front: Front) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 64_000  # head and body leave together: strongSwan reads at most twice
        connection: ssl.SSLSocket

        def do_GET(self) -> None:
            self._forward(None)

        def do_POST(self) -> None:
            self._forward(self.rfile.read(int(self.headers["Content-Length"])))

        def _forward(self, body: bytes | None) -> None:
            sent = {name: value for name, value in self.headers.items() if name != HEADER}
            shown = self.connection.getpeercert(binary_form=True)
            if shown:
                sent[HEADER] = f":{base64.b64encode(shown).decode()}:"
            upstream = http.client.HTTPConnection(behind, timeout=30)
            upstream.request(self.command, front.prefix + self.path, body, sent | front.added)
            answer = upstream.getresponse()
            self._answer(answer.status, dict(answer.getheaders()), answer.read())
            upstream.close()
            self.close_connection = True

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name in ("Content-Type", "Content-Transfer-Encoding", "Retry-After"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            front.answered.append((f"{self.command} {self.path}", status))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
            """Say nothing."""

    return Handler
