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
        cache.add(key, 0, timeout=2 * seconds)
        used = cache.incr(key)
    except RedisError as error:
        raise Unavailable("cache", "The service is busy. Please try again later.") from error
    except ValueError:
        # Evicted between the two calls: this use is the first the cache knows of.
        used = 1
    if used > limit:
        raise TooMany("throttled", "Too many requests. Please wait a minute.")
