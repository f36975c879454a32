"""Which URLs a webhook may have.

What is looked at here is only what the text of the URL shows; the address that a name leads to is
checked again with every connection (`apps.core.network`), because names change.
"""

import ipaddress
import re
from typing import Final

import httpx
from django.conf import settings

from apps.core import network
from apps.core.errors import Invalid

MAX_URL: Final = 500
# At least two labels, the last one a word: neither "localhost" nor "127.1" nor "0x7f.0x1".
PUBLIC_NAME: Final = re.compile(
    r"(?=.{4,253}\.?)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\.?"
)
INSIDE: Final = ("localhost", "local", "internal", "lan", "home.arpa", "localdomain")
"""Names that are resolved inside a network only (RFC 6761, 6762, 8375 and common use)."""


def check(url: str) -> str:
    """Return the URL if events may be sent there: https, a public name or address, port 443.

    A sandbox may also name its HTTP_SANDBOX_TARGETS, with http and any port. Raises Invalid.
    """
    if not 0 < len(url) <= MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid("url", f"url : must be an https URL of at most {MAX_URL} ASCII characters")
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Invalid("url", "url : is malformed") from error
    if target.userinfo or target.fragment:
        raise Invalid("url", "url : must carry neither credentials nor a fragment")
    if _is_sandbox_target(target):
        return url
    if target.scheme != "https":
        raise Invalid("url", "url : must be an https URL")
    if target.port not in (None, 443) or not _is_public(target.raw_host.decode()):
        raise Invalid("url", "url : must lead to a public host on port 443")
    return url


def _is_sandbox_target(target: httpx.URL) -> bool:
    port = target.port or {"http": 80, "https": 443}.get(target.scheme)
    named = f"{target.host}:{port}" in settings.HTTP_SANDBOX_TARGETS
    return bool(settings.SANDBOX and named and target.scheme in ("http", "https"))


def _is_public(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = host.lower().rstrip(".")
        inside = any(name == zone or name.endswith(f".{zone}") for zone in INSIDE)
        return PUBLIC_NAME.fullmatch(host.lower()) is not None and not inside
    return network.allowed(host, host, 443)
