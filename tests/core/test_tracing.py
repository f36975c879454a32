"""Ids of requests and traces: taken from the caller where valid, carried into tasks, recorded."""

from collections.abc import Iterator
from time import sleep
from typing import Any

import pytest
from celery import current_app, shared_task
from celery.contrib.testing.worker import start_worker
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from apps.core import queue, tracing
from tests.factories import parties
from tests.factories.calls import Caller

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SEEN: list[dict[str, Any]] = []
NOTE = queue.name("tests.note_ids")


@shared_task(name=NOTE)
def note_ids() -> None:
    SEEN.append(dict(get_contextvars()))


@pytest.fixture(autouse=True)
def no_ids() -> Iterator[None]:
    SEEN.clear()
    clear_contextvars()
    yield
    clear_contextvars()


def bound(traceparent: str) -> dict[str, Any]:
    clear_contextvars()
    tracing.bind_trace(traceparent)
    return dict(get_contextvars())


@pytest.mark.parametrize("end", ["-01", "-00"])
def test_the_trace_of_the_caller_goes_on(end: str) -> None:
    found = bound(f"00-{TRACE}-{PARENT}{end}")
    assert (found["trace_id"], found["parent_id"]) == (TRACE, PARENT)
    assert found["span_id"] != PARENT


def test_a_later_version_may_say_more() -> None:
    assert bound(f"01-{TRACE}-{PARENT}-01-more")["trace_id"] == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01\n",
        f"01-{TRACE}-{PARENT}-01-" + "x" * 1000,
    ],
)
def test_what_is_no_traceparent_begins_a_trace_of_its_own(header: str) -> None:
    first, second = bound(header), bound(header)
    assert len(first["trace_id"]) == 32
    assert first["trace_id"] not in {TRACE, second["trace_id"]}
    assert "parent_id" not in first


def in_a_worker(*calls: Any) -> None:
    with start_worker(current_app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        for call in calls:
            call()
        for _ in range(1000):
            if len(SEEN) < len(calls):
                sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_task_has_the_ids_of_the_request_that_sent_it() -> None:
    def by_a_request() -> None:
        bind_contextvars(request_id="request-1", trace_id=TRACE, user_id=7)
        queue.enqueue(NOTE)
        clear_contextvars()

    def by_the_clock() -> None:
        current_app.send_task(NOTE)

    in_a_worker(by_a_request, by_the_clock)
    first, second = SEEN
    assert (first["request_id"], first["trace_id"]) == ("request-1", TRACE)
    assert "user_id" not in first
    assert first["task"] == NOTE
    assert second["request_id"] == second["task_id"] != "request-1"
    assert len(second["trace_id"]) == 32


@pytest.mark.django_db
def test_a_refused_request_is_recorded_with_its_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from apps.audit.models import AuditEvent

    ids: list[str] = []
    real = tracing.bind_trace

    def note(header: str) -> None:
        real(header)
        ids.append(str(get_contextvars()["trace_id"]))

    monkeypatch.setattr(tracing, "bind_trace", note)
    caller = Caller(parties.organization(wmis=["WVW"]))
    answer = caller.post(
        "/v1/cps/signedContractData", {}, {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    )
    assert answer.status_code in {400, 403, 404, 405}
    event = AuditEvent.objects.get(result="refused")
    assert len(event.request_id) == 36
    assert ids == [TRACE]
