"""Counting requests in the cache, for what no other limit reaches (token endpoint, sign-up)."""

import hashlib
import time

from django.core.cache import cache
from redis.exceptions import RedisError

from apps.core.errors import TooMany, Unavailable


def take(name: str, *, limit: int, seconds: int = 60) -> None:
    """Count one more use of `name` in the current window. Raises TooMany above `limit`,
    Unavailable where the cache does not answer.

    `name` may hold what a caller sent: only its hash goes into the cache.
    """
    window = int(time.time()) // seconds
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    key = f"throttle:{digest}:{seconds}:{window}"
    try:
        used = _counted(key, timeout=2 * seconds)
    except RedisError as error:
        raise Unavailable("cache", "The service is busy. Please try again later.") from error
    if used > limit:
        raise TooMany("throttled", "Too many requests. Please wait a minute.")


def _counted(key: str, *, timeout: int) -> int:
    """Add one and return the sum; all but the first use of a window find the counter there."""
    try:
        return cache.incr(key)
    except ValueError:
        if cache.add(key, 1, timeout=timeout):
            return 1
    try:
        return cache.incr(key)
    except ValueError:
        # Evicted between the two calls: this use is the first the cache knows of.
        return 1
