"""The records of API clients, at most a few seconds old, in the memory of each process.

A token only proves who calls. What the caller may do is read from its record; reading it anew for
each of hundreds of requests a second would cost five queries each, so it is kept for
API_CLIENT_RECORD_MAX_AGE_S (5 s), which is how long a client that was just switched off may go on.
"""

import threading
from collections import OrderedDict
from time import monotonic
from typing import Final

from django.conf import settings

from apps.core.actor import Actor
from apps.participants import selectors

KEPT_AT_MOST: Final = 2000

_kept: OrderedDict[str, tuple[float, Actor]] = OrderedDict()
_lock = threading.Lock()


def actor_of(client_id: str) -> Actor:
    """Return the client's actor from a record of at most the allowed age. Raises Forbidden."""
    now = monotonic()
    with _lock:
        found = _kept.get(client_id)
    if found is not None and now - found[0] < settings.API_CLIENT_RECORD_MAX_AGE_S:
        return found[1]
    forget(client_id)
    actor = selectors.actor_of_client(client_id)
    with _lock:
        # The age counts from before the reading: a change that came in between is not missed.
        _kept[client_id] = (now, actor)
        while len(_kept) > KEPT_AT_MOST:
            _kept.popitem(last=False)
    return actor


def forget(client_id: str) -> None:
    """Drop one record, so that this process at once sees what it changed itself."""
    with _lock:
        _kept.pop(client_id, None)


def forget_all() -> None:
    """Drop every record."""
    with _lock:
        _kept.clear()
