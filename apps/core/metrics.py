"""Counters of the whole product: counted in each process, added up in Valkey, read at one place.

A process counts in memory and adds what is new to one hash in the shared cache every second, so
that any web server of any machine can answer with the sums of all. Nothing is lost with a process
but its last second; with the cache's content the counters begin anew, as Prometheus expects of
counters. Label values come from closed sets (routes, states, codes), never from a caller's text,
and each metric keeps SERIES_AT_MOST of them.
"""

import atexit
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

EVERY_S: Final = 1.0
SERIES_AT_MOST: Final = 2000
OTHER: Final = "other"
BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
HASH: Final = "plugpool:metrics:1"
_BETWEEN: Final = "\x1f"

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series."""

    labels: Labels
    value: int


class Counter:
    """Something that only ever grows, by the values of its labels."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name, self.text, self.labels = name, text, labels
        self._known: set[Labels] = set()
        COUNTERS[name] = self

    def add(self, *values: str, by: int = 1) -> None:
        """Count; raises ValueError where a label is missing."""
        _pending.add({self._field(values): by})

    def _field(self, values: Labels, *more: str) -> str:
        if len(values) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}")
        if values not in self._known:
            if len(self._known) >= SERIES_AT_MOST:
                values = (OTHER,) * len(values)
            self._known.add(values)
        return _BETWEEN.join((self.name, *values, *more))


class Histogram(Counter):
    """How long something took, counted in BUCKETS_S; the sum is kept in microseconds."""

    def observe(self, *values: str, seconds: float) -> None:
        """Count one duration."""
        bucket = str(bisect_left(BUCKETS_S, seconds))
        micros = round(seconds * 1_000_000)
        _pending.add({self._field(values, bucket): 1, self._field(values, "sum"): micros})


COUNTERS: Final[dict[str, Counter]] = {}


class _Pending:
    """What this process counted and has not added to the sums yet."""

    _lock: threading.Lock
    _counts: dict[str, int]
    _thread: threading.Thread | None

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as in a forked process: what was counted before is the parent's to add."""
        self._lock, self._counts, self._thread = threading.Lock(), {}, None

    def add(self, more: dict[str, int]) -> None:
        with self._lock:
            for field, by in more.items():
                self._counts[field] = self._counts.get(field, 0) + by
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            threading.Event().wait(EVERY_S)
            self.flush()

    def flush(self) -> None:
        """Add to the sums; what cannot be added now is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            _sums().add(counts)
        except (RedisError, OSError):
            self.add(counts)


class _InValkey:
    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)

    def add(self, counts: dict[str, int]) -> None:
        with self._redis.pipeline(transaction=True) as pipe:
            for field, by in counts.items():
                pipe.hincrby(HASH, field, by)
            pipe.execute()

    def read(self) -> dict[str, int]:
        found = self._redis.hgetall(HASH)
        return {name.decode(): int(value) for name, value in found.items()}  # type: ignore[union-attr]  # this client is not asynchronous


class _InMemory:
    """Where the cache is this process's own, as in tests."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, counts: dict[str, int]) -> None:
        for field, by in counts.items():
            self._counts[field] = self._counts.get(field, 0) + by

    def read(self) -> dict[str, int]:
        return dict(self._counts)


def read() -> dict[str, list[Sample]]:
    """Return the sums of all processes by name. Raises RedisError when they cannot be read.

    The last label of a histogram's sample is the number of its bucket, or `sum`.
    """
    _pending.flush()
    found: dict[str, list[Sample]] = {name: [] for name in COUNTERS}
    for name, labels, value in _parsed(_sums().read()):
        counter = COUNTERS.get(name)
        extra = isinstance(counter, Histogram)
        if counter is not None and len(labels) == len(counter.labels) + extra:
            found[name].append(Sample(labels, value))
    return found


def _parsed(fields: dict[str, int]) -> Iterator[tuple[str, Labels, int]]:
    for field, value in sorted(fields.items()):
        name, *labels = field.split(_BETWEEN)
        yield name, tuple(labels), value


def _sums() -> "_InValkey | _InMemory":
    global _store  # noqa: PLW0603  one connection pool for each process
    if _store is None:
        cache = settings.CACHES["default"]
        shared = "redis" in str(cache["BACKEND"]).lower()
        _store = _InValkey(str(cache["LOCATION"])) if shared else _InMemory()
    return _store


def forget() -> None:
    """Forget everything that was counted here, for tests."""
    global _store  # noqa: PLW0603  see above
    _pending.forget()
    _store = None
    for counter in COUNTERS.values():
        counter._known.clear()  # noqa: SLF001  our own


_store: _InValkey | _InMemory | None = None
_pending = _Pending()
os.register_at_fork(after_in_child=_pending.forget)
atexit.register(_pending.flush)
