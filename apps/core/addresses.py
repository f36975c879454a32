"""The address that a request came from."""

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
