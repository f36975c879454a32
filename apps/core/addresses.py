"""The address that a request came from."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the caller's address as the last trusted proxy saw it.

    `settings.TRUSTED_PROXIES` says how many proxies of ours stand in front. Only as many entries
    of X-Forwarded-For, from the right, were written by them; everything left of those is the
    caller's own claim. Without a proxy the header counts for nothing.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops: int = settings.TRUSTED_PROXIES
    if hops < 1:
        return direct
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return forwarded[-hops] if len(forwarded) >= hops and forwarded[-hops] else direct


def came_from(request: HttpRequest, networks: Iterable[str]) -> bool:
    """Tell whether the peer that connected to us is in one of the networks (10.0.0.0/8, ::1)."""
    try:
        peer = ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    return any(peer in ip_network(network) for network in networks)
