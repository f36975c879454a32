"""The metrics as Prometheus reads them (text format 0.0.4)."""

import threading
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Final

from redis.exceptions import RedisError

from apps.core import metrics
from apps.core.metrics import BUCKETS_S, Counter, Histogram, Labels, Sample
from apps.operator.gauges import Gauge, gauges

KEPT_S: Final = 5.0
"""How long the gauges serve further scrapes: each looks into the database."""


def text() -> str:
    """Return all metrics; where the shared cache fails, the gauges alone."""
    lines: list[str] = []
    for gauge in _moment.gauges():
        lines += _head(gauge.name, gauge.text, "gauge")
        lines += [_line(gauge.name, gauge.labels, *sample) for sample in gauge.samples]
    try:
        sums = metrics.read()
    except (RedisError, OSError):
        sums = {}
    for name, samples in sums.items():
        lines += _counted(metrics.COUNTERS[name], samples)
    return "\n".join(lines) + "\n"


class _Moment:
    """The gauges of the last KEPT_S."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[Gauge] = []
        self._until = 0.0

    def gauges(self) -> list[Gauge]:
        with self._lock:
            if monotonic() >= self._until:
                self._found = gauges()
                self._until = monotonic() + KEPT_S
            return self._found

    def forget(self) -> None:
        self._until = 0.0


def _counted(counter: Counter, samples: list[Sample]) -> Iterator[str]:
    if isinstance(counter, Histogram):
        yield from _head(counter.name, counter.text, "histogram")
        yield from _histogram(counter, samples)
        return
    yield from _head(counter.name, counter.text, "counter")
    for sample in samples:
        yield _line(counter.name, counter.labels, sample.labels, sample.value)


def _histogram(counter: Histogram, samples: list[Sample]) -> Iterator[str]:
    """Buckets are kept one by one and told as Prometheus wants them: each with all below it."""
    kept: dict[Labels, dict[str, int]] = {}
    for sample in samples:
        kept.setdefault(sample.labels[:-1], {})[sample.labels[-1]] = sample.value
    names = (*counter.labels, "le")
    for labels, values in kept.items():
        count = 0
        for place, bound in enumerate((*BUCKETS_S, float("inf"))):
            count += values.get(str(place), 0)
            le = "+Inf" if bound == float("inf") else str(bound)
            yield _line(f"{counter.name}_bucket", names, (*labels, le), count)
        yield _line(f"{counter.name}_sum", counter.labels, labels, values.get("sum", 0) / 1e6)
        yield _line(f"{counter.name}_count", counter.labels, labels, count)


def _head(name: str, described: str, kind: str) -> Iterable[str]:
    return (f"# HELP {name} {described}", f"# TYPE {name} {kind}")


def _line(name: str, labels: Labels, values: Labels, value: float) -> str:
    pairs = ",".join(f'{k}="{_escaped(v)}"' for k, v in zip(labels, values, strict=True))
    return f"{name}{{{pairs}}} {value:.15g}" if pairs else f"{name} {value:.15g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


_moment = _Moment()


def forget() -> None:
    """Forget what was seen, for tests."""
    _moment.forget()
