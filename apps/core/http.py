"""The one outgoing HTTP client: status of foreign certificates, webhooks.

Who uploads a certificate chooses the addresses that we call, so the address that is really
connected to is checked (`apps.core.network`), not the name: public unicast only, ports 80 and 443,
or a target on the sandbox list. No redirects, no proxy from the environment, no credentials in the
URL, a bounded answer, a bounded time.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Final

import httpcore
import httpx
from django.conf import settings

from apps.core import network, transactions
from apps.core.errors import Unavailable

MAX_ANSWER: Final = 1_000_000
MAX_CRL: Final = 32_000_000
MAX_URL: Final = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer: status code, lower-case headers, body of at most the asked size.

    A redirect is an answer like any other: its status says so, nobody follows it.
    """

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
    target = _checked(url)
    deadline = monotonic() + settings.HTTP_TIMEOUT_S
    # The body is taken as it comes, so no server may compress it.
    asked = {"Accept-Encoding": "identity", **(headers or {})}
    try:
        with (
            httpx.Client(
                transport=_transport(deadline),
                timeout=settings.HTTP_TIMEOUT_S,
                follow_redirects=False,
                trust_env=False,
            ) as client,
            client.stream(method, target, content=content, headers=asked) as response,
        ):
            body = _read(response, max_bytes)
            return Answer(response.status_code, dict(response.headers), body)
    except network.Forbidden as error:
        raise Refused(str(error)) from error
    except (httpx.HTTPError, httpcore.TimeoutException, OSError, ValueError) as error:
        raise Refused(f"{type(error).__name__} while calling {_shown(target)}") from error


def _checked(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url[: MAX_URL + 1])
        named = bool(target.host)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("The URL is malformed") from error
    if len(url) > MAX_URL or target.scheme not in ("http", "https") or not named:
        raise Refused(f"Only http and https URLs of at most {MAX_URL:,} characters are called")
    if target.userinfo:
        raise Refused("A URL with credentials is not called")
    return target


def _read(response: httpx.Response, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_raw():
        size += len(part)
        if size > max_bytes:
            raise Refused(f"The answer is larger than {max_bytes:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _shown(url: httpx.URL) -> str:
    """Host and path without query, for messages and logs."""
    return f"{url.host}{url.path}"[:200]


@lru_cache(maxsize=1)
def _trusted_issuers() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _transport(deadline: float) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(trust_env=False, retries=0, verify=_trusted_issuers())
    # httpx offers no parameter for the network backend; httpcore, which it stands on, does.
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
        ssl_context=_trusted_issuers(),
        network_backend=network.CheckedBackend(deadline),
        max_connections=1,
    )
    return transport
