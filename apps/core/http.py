"""The one outgoing HTTP client: status of foreign certificates, webhooks.

Who uploads a certificate chooses the addresses that we call, so the address that is really
connected to is checked here, not the name: public unicast only, ports 80 and 443, or a target on
the sandbox list. No redirects, no proxy from the environment, a bounded answer, a bounded time.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx
from django.conf import settings

from apps.core import transactions
from apps.core.errors import Unavailable

MAX_ANSWER = 1_000_000
MAX_CRL = 32_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer: status code, lower-case headers, body of at most the asked size."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Refused(Unavailable):
    """The request was not made, failed, or answered too much or too late."""

    def __init__(self, message: str) -> None:
        super().__init__("http_failed", message)


def request(
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_ANSWER,
) -> Answer:
    """Make one request within HTTP_TIMEOUT_S in all. Raises Refused; never inside a transaction."""
    transactions.forbid("An outgoing HTTP request")
    deadline = time.monotonic() + settings.HTTP_TIMEOUT_S
    try:
        with (
            httpx.Client(
                transport=_transport(),
                timeout=settings.HTTP_TIMEOUT_S,
                follow_redirects=False,
                trust_env=False,
            ) as client,
            client.stream(method, url, content=content, headers=dict(headers or {})) as response,
        ):
            body = _read(response, max_bytes, deadline)
            return Answer(response.status_code, dict(response.headers), body)
    except (httpx.HTTPError, httpx.InvalidURL, httpcore.UnsupportedProtocol, OSError) as error:
        raise Refused(f"{type(error).__name__} while calling {_shown(url)}") from error


def _read(response: httpx.Response, max_bytes: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_raw():
        size += len(part)
        if size > max_bytes:
            raise Refused(f"The answer is larger than {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise Refused(f"No whole answer within {settings.HTTP_TIMEOUT_S:g} s")
        parts.append(part)
    return b"".join(parts)


def _shown(url: str) -> str:
    """Host and path without query or credentials, for messages and logs."""
    parsed = httpx.URL(url)
    return f"{parsed.host}{parsed.path}"[:200]


def allowed(host: str, address: str, port: int) -> bool:
    """Tell whether a connection to this address may be made on behalf of somebody else."""
    if f"{host}:{port}" in settings.HTTP_SANDBOX_TARGETS:
        return True
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return port in (80, 443) and ip.is_global and not ip.is_multicast


class _CheckedBackend(httpcore.NetworkBackend):
    """Resolves once, checks what was resolved, and connects to exactly that address."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for *_, target in found:
            address = str(target[0])
            if allowed(host, address, port):
                return self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
        raise Refused(f"{host}:{port} is not an address that may be called")


def _transport() -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(trust_env=False, retries=0)
    # httpx offers no parameter for the network backend; httpcore, which it stands on, does.
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
        ssl_context=httpx.create_ssl_context(trust_env=False),
        network_backend=_CheckedBackend(),
        max_connections=1,
    )
    return transport
