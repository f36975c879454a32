"""Requests on kept-alive connections, from one asyncio loop, with the time that each one took.

The load maker shares the machine with the server, so it does as little as it can: a request is one
run of octets made beforehand, of an answer only status and length are read.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

HOST = "127.0.0.1"
_LENGTH = b"\r\ncontent-length: "
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it goes over the wire."""

    octets: bytes

    @classmethod
    def get(cls, path: str, token: str) -> "Ask":
        return cls(_head("GET", path, token) + b"\r\n")

    @classmethod
    def post(cls, path: str, body: bytes, token: str, *, method: str = "POST") -> "Ask":
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return cls(_head(method, path, token) + more.encode() + body)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run: requests a second, and how long each took, in milliseconds."""

    rate: float
    p50: float
    p99: float

    @classmethod
    def of(cls, took: Sequence[float], seconds: float) -> "Run":
        hundredths = statistics.quantiles(took, n=100)
        return cls(len(took) / seconds, hundredths[49] * 1000, hundredths[98] * 1000)


def ask(
    port: int, asked: Sequence[Ask], *, seconds: float, clients: int = 8, status: int = 200
) -> Run:
    """Ask for that long, `clients` at a time, one after the other on each connection.

    Raises RuntimeError for an answer of another status.
    """
    return asyncio.run(_run(port, cycle(asked), seconds, clients, status))


def ask_all(port: int, asked: Sequence[Ask], *, clients: int = 8, status: int = 200) -> Run:
    """Ask each one once."""
    return asyncio.run(_run(port, iter(asked), float("inf"), clients, status))


def _head(method: str, path: str, token: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n".encode()


async def _run(port: int, asked: Iterator[Ask], seconds: float, clients: int, status: int) -> Run:
    took: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Client(asked, took, until, status), HOST, port)
        for _ in range(clients)
    ]
    try:
        await asyncio.gather(*(client.done for _, client in made))
    finally:
        for transport, _ in made:
            transport.close()
    return Run.of(took, time.perf_counter() - started)


class _Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the one before is there."""

    def __init__(self, asked: Iterator[Ask], took: list[float], until: float, status: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked, self._took, self._until = asked, took, until
        self._status = str(status).encode()
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        if not self._is_whole(end):
            return
        if self._buffer[9:12] != self._status:
            self._fail(f"{self._buffer[:600]!r}")
            return
        self._took.append(time.perf_counter() - self._sent_at)
        self._buffer = b""
        self._next()

    def _is_whole(self, end: int) -> bool:
        """Tell whether the body is there too; without a length it comes in chunks."""
        head = self._buffer[:end].lower()
        place = head.find(_LENGTH)
        if place < 0:
            return self._buffer.endswith(_LAST_CHUNK)
        length = int(head[place + len(_LENGTH) :].partition(b"\r\n")[0])
        return len(self._buffer) >= end + 4 + length

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("The server closed the connection")

    def _next(self) -> None:
        now = time.perf_counter()
        following = next(self._asked, None) if now < self._until else None
        if following is None:
            if not self.done.done():
                self.done.set_result(None)
            return
        self._sent_at = now
        self._transport.write(following.octets)

    def _fail(self, text: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(text))
