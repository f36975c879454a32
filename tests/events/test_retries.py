"""Failures: tried again, refused or given up; they hold their vehicle alone, and the MO is told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from apps.events import services
from apps.events.models import (
    EventKind,
    OutboxEvent,
    WebhookAttempt,
    WebhookDelivery,
)
from apps.events.services import dispatching
from tests.events.conftest import OTHER_PCID, PCID, Trade, states, work
from tests.factories.receivers import Receiver, subscribe

pytestmark = pytest.mark.django_db

CREATED = EventKind.OEM_CONTRACT_CREATED
UPDATED = EventKind.OEM_CONTRACT_UPDATED
DELETED = EventKind.OEM_CONTRACT_DELETED
HOUR = timedelta(hours=1)


def test_a_failed_event_holds_its_vehicle_and_no_other(trade: Trade, receiver: Receiver) -> None:
    receiver.answer = lambda request: 500 if PCID in request.body.decode() else 200
    subscribe(trade.oem_actor, receiver)
    trade.contract(CREATED)
    trade.contract(DELETED)
    trade.contract(CREATED, pcid=OTHER_PCID)
    trade.contract(DELETED, pcid=OTHER_PCID)
    services.emit(kind=EventKind.ROOT_ADDED, payload={})
    work()
    assert sorted(receiver.kinds) == [
        "oem.contract.created",
        "oem.contract.created",
        "oem.contract.deleted",
        "root.cert.added",
    ]
    receiver.answer = lambda request: 200
    receiver.received.clear()
    with time_machine.travel(timezone.now() + HOUR + timedelta(minutes=1)):
        work()
    assert receiver.kinds == ["oem.contract.created", "oem.contract.deleted"]


def test_a_failure_is_tried_again_three_times_an_hour_apart_and_then_given_up(
    trade: Trade, receiver: Receiver
) -> None:
    receiver.answer = lambda request: 502
    subscribe(trade.oem_actor, receiver, CREATED, DELETED)
    trade.contract(CREATED)
    trade.contract(DELETED)
    start = timezone.now()
    made = {}
    for minutes in (0, 59, 61, 119, 122, 183):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            made[minutes] = work()
    # The fourth failure gives the event up, and the next one of the vehicle is tried at once.
    assert made == {0: 1, 59: 0, 61: 1, 119: 0, 122: 1, 183: 2}
    assert states() == ["failed", "waiting"]
    assert WebhookDelivery.objects.get(state="failed").attempts.count() == 4


def test_the_schedule_is_a_setting(trade: Trade, receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_RETRY_DELAYS_S = [10]
    receiver.answer = lambda request: 500
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        work()
    assert states() == ["failed"]


@pytest.mark.parametrize("status", [500, 503, 404, 401, 429, 302])
def test_what_a_receiver_may_mend_is_tried_again_and_the_mo_knows(
    trade: Trade, receiver: Receiver, status: int
) -> None:
    receiver.answer = lambda request: status
    subscribe(trade.oem_actor, receiver, CREATED)
    trade.contract()
    work()
    assert states() == ["waiting"]
    assert trade.told_to_mo() == ["mo.contract.queued.to.oem"]
    receiver.answer = lambda request: 200
    with time_machine.travel(timezone.now() + HOUR + timedelta(minutes=1)):
        work()
    assert states() == ["delivered"]
    assert trade.told_to_mo() == ["mo.contract.queued.to.oem", "mo.contract.created.sent.to.oem"]


@pytest.mark.parametrize("status", [400, 409])
def test_what_the_oem_refuses_stops_and_the_mo_is_told(
    trade: Trade, receiver: Receiver, status: int
) -> None:
    receiver.answer = lambda request: status
    subscribe(trade.oem_actor, receiver, CREATED)
    event = trade.contract()
    work()
    with time_machine.travel(timezone.now() + 2 * HOUR):
        assert work() == 0
    assert states() == ["rejected"]
    told = OutboxEvent.objects.get(organization=trade.mo)
    assert (told.kind, told.lane) == ("mo.contract.rejected.by.oem", PCID)
    assert told.payload == event.payload


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (CREATED, "mo.contract.created.sent.to.oem"),
        (UPDATED, "mo.contract.updated.sent.to.oem"),
        (DELETED, "mo.contract.deleted.sent.to.oem"),
    ],
)
def test_the_mo_is_told_once_what_the_oem_took_however_many_endpoints_did(
    trade: Trade, receiver: Receiver, kind: EventKind, told: str
) -> None:
    subscribe(trade.oem_actor, receiver, kind)
    subscribe(trade.oem_actor, receiver, kind, path="/second")
    subscribe(trade.mo_actor, receiver, EventKind(told), path="/mo")
    trade.contract(kind)
    work()
    assert trade.told_to_mo() == [told]
    assert [request.kind for request in receiver.received if request.path == "/mo"] == [told]


def test_where_no_oem_subscribed_the_mo_hears_of_no_sending(
    trade: Trade, receiver: Receiver
) -> None:
    subscribe(trade.mo_actor, receiver)
    subscribe(trade.oem_actor, receiver, DELETED)
    trade.contract(CREATED)
    work()
    assert trade.told_to_mo() == []
    assert receiver.received == []


def test_a_refusal_of_another_event_tells_nobody(trade: Trade, receiver: Receiver) -> None:
    receiver.answer = lambda request: 400
    subscribe(trade.mo_actor, receiver)
    with transaction.atomic():
        services.emit(
            kind=EventKind.MO_PROV_CERT_DELETED, organization=trade.mo, lane=PCID, payload={}
        )
    work()
    assert states() == ["rejected"]
    assert OutboxEvent.objects.count() == 1


def test_no_answer_counts_as_a_failure(
    trade: Trade, receiver: Receiver, settings: Settings
) -> None:
    settings.HTTP_TIMEOUT_S = 0.2
    receiver.delay_s = 1.0
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    attempt = WebhookAttempt.objects.get()
    assert attempt.status_code is None
    assert attempt.note
    assert states() == ["waiting"]
    assert trade.told_to_mo() == ["mo.contract.queued.to.oem"]


def test_an_answer_without_end_counts_as_a_failure(trade: Trade, receiver: Receiver) -> None:
    receiver.said = b"x" * 64_001
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    assert WebhookAttempt.objects.get().note == "The answer is larger than 64,000 bytes"
    assert states() == ["waiting"]


def test_an_endpoint_that_is_never_reached_rests_and_costs_the_others_nothing(
    trade: Trade, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "ROUND", 2)
    endpoint = subscribe(trade.oem_actor, receiver)
    receiver.stop()
    for number in range(10):
        trade.contract(pcid=f"WVW{number:014d}")
    assert work() == dispatching.UNREACHED
    endpoint.refresh_from_db()
    assert endpoint.resting_until is not None
    waiting = WebhookDelivery.objects.filter(attempt_count=0)
    assert waiting.count() == 10 - dispatching.UNREACHED
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert work() == dispatching.UNREACHED
