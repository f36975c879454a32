"""Several dispatchers and fan-outs at once: each event goes out once, in the order of its lane."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.events import services
from apps.events.models import EventKind, OutboxEvent, WebhookDelivery, WebhookLane
from apps.events.services import dispatching, lanes
from tests.events.conftest import Trade, work
from tests.factories.races import outcomes
from tests.factories.receivers import Received, Receiver, subscribe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

KINDS = (
    EventKind.OEM_CONTRACT_CREATED,
    EventKind.OEM_CONTRACT_UPDATED,
    EventKind.OEM_CONTRACT_DELETED,
)
WORKER = """
import sys, django
django.setup()
from django.conf import settings
from apps.events import services
settings.HTTP_SANDBOX_TARGETS = (sys.argv[1],)
services.dispatch(endpoint_id=int(sys.argv[2]))
"""
VEHICLES = [f"WVW{number:014d}" for number in range(30)]


def tell(trade: Trade) -> None:
    for kind in KINDS:
        for pcid in VEHICLES:
            trade.contract(kind, pcid=pcid)


def test_dispatchers_side_by_side_send_each_event_once_and_in_order(
    trade: Trade, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "LANES", 8)
    endpoint = subscribe(trade.oem_actor, receiver, *KINDS)
    tell(trade)
    services.fan_out(now=timezone.now())
    calls: list[Callable[[], object]] = [
        lambda: services.dispatch(endpoint_id=endpoint.pk) for _ in range(4)
    ]
    assert outcomes(calls) == {"done": 4}
    assert len(receiver.received) == len(KINDS) * len(VEHICLES)
    order = defaultdict(list)
    for request in receiver.received:
        order[request.envelope["payload"]["pcid"]].append(request.kind)
    assert order == {pcid: [kind.value for kind in KINDS] for pcid in VEHICLES}
    assert not WebhookLane.objects.exists()
    told = OutboxEvent.objects.filter(organization=trade.mo).values_list("answers_id", flat=True)
    assert set(Counter(told).values()) == {1}
    assert len(told) == len(KINDS) * len(VEHICLES)


def test_fan_outs_beside_dispatchers_strand_nothing(trade: Trade, receiver: Receiver) -> None:
    endpoint = subscribe(trade.oem_actor, receiver, *KINDS)
    second = subscribe(trade.mo_actor, receiver)
    tell(trade)

    def fanning_out() -> None:
        for _ in range(5):
            services.fan_out(now=timezone.now())

    def dispatching_() -> None:
        for _ in range(5):
            services.dispatch(endpoint_id=endpoint.pk)
            services.dispatch(endpoint_id=second.pk)

    assert outcomes([fanning_out, dispatching_, fanning_out, dispatching_]) == {"done": 4}
    work()
    assert WebhookDelivery.objects.count() == 2 * len(KINDS) * len(VEHICLES)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}
    sent = Counter(request.envelope["eventId"] for request in receiver.received)
    assert set(sent.values()) == {1}
    assert not WebhookLane.objects.exists()


def test_a_lane_is_leased_to_one(trade: Trade, receiver: Receiver) -> None:
    endpoint = subscribe(trade.oem_actor, receiver, *KINDS)
    tell(trade)
    now = timezone.now()
    services.fan_out(now=now)
    grips: list[lanes.Grip] = []

    def leasing() -> None:
        grips.append(lanes.lease(endpoint_id=endpoint.pk, limit=10, now=now))

    outcomes([leasing] * 6)
    taken = Counter(lane.pk for grip in grips for lane in grip.lanes)
    assert set(taken.values()) == {1}
    later = now + lanes.LEASE + timedelta(seconds=1)
    assert len(lanes.lease(endpoint_id=endpoint.pk, limit=100, now=later).lanes) == len(VEHICLES)


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    trade: Trade, receiver: Receiver
) -> None:
    endpoint = subscribe(trade.oem_actor, receiver, *KINDS)
    trade.contract(KINDS[0])
    trade.contract(KINDS[2])
    services.fan_out(now=timezone.now())
    came = threading.Event()

    def hang(request: Received) -> int:
        came.set()
        time.sleep(4)
        return 200

    receiver.answer = hang
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path=f"/{connection.settings_dict['NAME']}"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, receiver.host, str(endpoint.pk)],
        env=os.environ | {"DATABASE_URL": urlunsplit(database)},
    )
    try:
        assert came.wait(timeout=60)
    finally:
        worker.kill()
        worker.wait()
    receiver.answer = lambda request: 200
    assert work() == 0
    with time_machine.travel(timezone.now() + lanes.LEASE + timedelta(seconds=1)):
        assert work() == 2
    first, again, last = (request.envelope["eventId"] for request in receiver.received)
    assert first == again != last
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}
