"""The network under the outgoing HTTP client: checked addresses, one deadline for everything."""

import ipaddress
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from time import monotonic
from typing import Any, Final

import httpcore
from django.conf import settings

PORTS: Final = (80, 443)
IPV6_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC: Final = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.ip_network("2002::/16"),  # 6to4: an IPv4 address, perhaps a private one, inside
)

# getaddrinfo knows no time limit, so it is asked in a thread that may be left behind. As many may
# hang as there are threads; then further look-ups are refused until one returns.
_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


class Forbidden(Exception):
    """An address that may not be called."""


def allowed(host: str, address: str, port: int) -> bool:
    """Tell whether a connection to this address may be made on behalf of somebody else.

    Public unicast only. IPv6 is taken from 2000::/3 alone, which leaves out every range that
    carries an IPv4 address inside (mapped, compatible, NAT64) and the site-local ones.
    """
    if f"{host}:{port}" in settings.HTTP_SANDBOX_TARGETS:
        return True
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip not in IPV6_UNICAST:
        return False
    inside = any(ip.version == network.version and ip in network for network in NOT_PUBLIC)
    return port in PORTS and ip.is_global and not ip.is_multicast and not inside


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves once, checks what was resolved, and connects to exactly that address."""

    def __init__(self, deadline: float) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = [a for a in self._resolve(host, port) if allowed(host, a, port)]
        if not addresses:
            raise Forbidden(f"{host}:{port} is not an address that may be called")
        failure: Exception = httpcore.ConnectError(f"{host} was not reached")
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._left(), local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline)
        raise failure

    def _resolve(self, host: str, port: int) -> list[str]:
        asked = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = asked.result(timeout=self._left())
        except NoAnswer as error:
            asked.cancel()
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} was not resolved") from error
        return list(dict.fromkeys(str(target[0]) for *_, target in found))

    def _left(self) -> float:
        return left(self._deadline)


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every step has only the time that is left of the whole request.

    A server that sends one octet of its headers a second would otherwise never run into a limit.
    """

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, left(self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, left(self._deadline))
        return _BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def left(deadline: float) -> float:
    """Return the seconds until the deadline. Raises httpcore.ReadTimeout when none are left."""
    seconds = deadline - monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("No whole answer in time")
    return seconds
