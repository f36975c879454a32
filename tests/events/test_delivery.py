"""Delivery: signed, in order for each vehicle, tried again, given up, and the MO is told."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from apps.core import queue
from apps.events import services
from apps.events.models import (
    EventKind,
    OutboxEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookLane,
)
from apps.events.services import dispatching, lanes
from apps.events.services.sending import Reply
from apps.events.services.settling import Outcome, settle
from tests.events.conftest import OTHER_PCID, PCID, Trade, work
from tests.factories.receivers import Receiver, secret_of, subscribe

pytestmark = pytest.mark.django_db

CREATED = EventKind.OEM_CONTRACT_CREATED
UPDATED = EventKind.OEM_CONTRACT_UPDATED
DELETED = EventKind.OEM_CONTRACT_DELETED
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages get lost: whatever these tests see happened through rows alone."""
    monkeypatch.setattr(queue, "_send", lambda task, args: None)


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("id").values_list("state", flat=True))


def test_an_event_reaches_its_receiver_signed_over_the_raw_body(
    trade: Trade, receiver: Receiver
) -> None:
    endpoint = subscribe(trade.oem_actor, receiver, CREATED)
    event = trade.contract(contractCert="TUlJ", note="ü & <>")
    assert work() == 1
    (request,) = receiver.received
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"
    assert request.is_signed_with(secret_of(endpoint))
    assert not request.is_signed_with(b"another secret")
    assert request.envelope == {
        "timestamp": event.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventId": str(event.uuid),
        "eventType": "oem.contract.created",
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
        "payload": event.payload,
    }


def test_an_attempt_is_recorded_with_what_came_back(trade: Trade, receiver: Receiver) -> None:
    receiver.answer, receiver.said = (lambda request: 503), b"down\x00for\r\nnow" + b"x" * 5000
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    attempt = WebhookAttempt.objects.get()
    assert (attempt.number, attempt.status_code) == (1, 503)
    assert attempt.note.startswith("down for  nowxxx")
    assert len(attempt.note) == 300


def test_only_subscribed_kinds_of_the_own_organisation_are_sent(
    trade: Trade, receiver: Receiver
) -> None:
    subscribe(trade.oem_actor, receiver, CREATED, path="/oem")
    subscribe(trade.mo_actor, receiver, CREATED, path="/mo")
    trade.contract(CREATED)
    trade.contract(DELETED)
    work()
    assert [(request.path, request.kind) for request in receiver.received] == [
        ("/oem", "oem.contract.created")
    ]


def test_a_root_event_goes_to_everybody_who_subscribed(trade: Trade, receiver: Receiver) -> None:
    subscribe(trade.oem_actor, receiver, EventKind.ROOT_ADDED, path="/oem")
    subscribe(trade.mo_actor, receiver, EventKind.ROOT_ADDED, path="/mo")
    subscribe(trade.mo_actor, receiver, EventKind.ROOT_EXPIRED, path="/other")
    services.emit(kind=EventKind.ROOT_ADDED, payload={"xsdMsgDefNamespace": "urn:x", "a": 1})
    work()
    assert sorted(request.path for request in receiver.received) == ["/mo", "/oem"]
    assert receiver.received[0].envelope["xsdMsgDefNamespace"] == "urn:x"
    assert receiver.received[0].envelope["payload"] == {"a": 1}


def test_nobody_is_told_twice_and_the_queue_is_empty_afterwards(
    trade: Trade, receiver: Receiver
) -> None:
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    assert work() == 0
    assert len(receiver.received) == 1
    assert not WebhookLane.objects.exists()
    assert not OutboxEvent.objects.filter(fanned_out_at__isnull=True).exists()


def test_events_of_a_vehicle_keep_their_order(trade: Trade, receiver: Receiver) -> None:
    subscribe(trade.oem_actor, receiver)
    for kind in (CREATED, UPDATED, UPDATED, DELETED, CREATED):
        trade.contract(kind)
    work()
    assert receiver.kinds == [
        "oem.contract.created",
        "oem.contract.updated",
        "oem.contract.updated",
        "oem.contract.deleted",
        "oem.contract.created",
    ]


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


def test_a_redirect_is_not_followed(trade: Trade, receiver: Receiver) -> None:
    receiver.answer = lambda request: 307
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    work()
    assert [request.path for request in receiver.received] == ["/hook"]
    assert WebhookAttempt.objects.get().status_code == 307


def test_a_target_that_is_private_today_is_not_called(
    trade: Trade, receiver: Receiver, settings: Settings
) -> None:
    subscribe(trade.oem_actor, receiver)
    settings.HTTP_SANDBOX_TARGETS = ()
    WebhookEndpoint.objects.update(
        url=f"https://{receiver.host.replace('127.0.0.1', 'loop.example')}"
    )
    trade.contract()
    work()
    assert receiver.received == []
    assert WebhookAttempt.objects.get().status_code is None


def test_a_name_that_leads_inside_is_refused_at_the_connection(
    trade: Trade, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.create_endpoint(
        actor=trade.oem_actor, url="https://hooks.example.com/", events=[CREATED]
    )
    found = [(2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("apps.core.network.socket.getaddrinfo", lambda *a, **k: found)
    trade.contract()
    work()
    assert "not an address that may be called" in WebhookAttempt.objects.get().note


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


def test_a_dead_worker_loses_nothing(trade: Trade, receiver: Receiver) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    trade.contract()
    now = timezone.now()
    services.fan_out(now=now)
    grip = lanes.lease(endpoint_id=endpoint.pk, limit=10, now=now)
    assert len(grip.lanes) == 1
    assert work() == 0
    with time_machine.travel(now + lanes.LEASE + timedelta(seconds=1)):
        assert work() == 1
    assert states() == ["delivered"]


def test_a_holder_whose_lease_ran_out_settles_nothing(trade: Trade, receiver: Receiver) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    trade.contract()
    now = timezone.now()
    services.fan_out(now=now)
    old = lanes.lease(endpoint_id=endpoint.pk, limit=10, now=now)
    later = now + lanes.LEASE + timedelta(seconds=1)
    new = lanes.lease(endpoint_id=endpoint.pk, limit=10, now=later)
    delivery = lanes.heads(old.lanes)[old.lanes[0].pk]
    reply = Reply(200, 1, "")
    outcome = Outcome(delivery, old.lanes[0], reply)
    assert settle(grip=old, outcomes=[outcome], now=later) == []
    lanes.release(grip=old)
    assert states() == ["waiting"]
    assert not WebhookAttempt.objects.exists()
    assert settle(grip=new, outcomes=[outcome], now=later) == list(new.lanes)
    assert states() == ["delivered"]


def test_an_event_that_comes_while_its_lane_empties_is_not_stranded(
    trade: Trade, receiver: Receiver
) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    trade.contract(CREATED)
    services.fan_out(now=timezone.now())
    grip = lanes.lease(endpoint_id=endpoint.pk, limit=10, now=timezone.now())
    WebhookDelivery.objects.update(state="delivered", settled_at=timezone.now())
    trade.contract(DELETED)
    services.fan_out(now=timezone.now())
    lanes.release(grip=grip)
    work()
    assert receiver.kinds == ["oem.contract.deleted"]


def test_a_disabled_endpoint_waits_and_gets_no_new_events(trade: Trade, receiver: Receiver) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    trade.contract(CREATED)
    services.fan_out(now=timezone.now())
    url = endpoint.url
    services.update_endpoint(actor=trade.oem_actor, endpoint=endpoint, url=url, enabled=False)
    trade.contract(DELETED)
    assert work() == 0
    services.update_endpoint(actor=trade.oem_actor, endpoint=endpoint, url=url, enabled=True)
    work()
    assert receiver.kinds == ["oem.contract.created"]


def test_a_suspended_organisation_gets_nothing(trade: Trade, receiver: Receiver) -> None:
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    services.fan_out(now=timezone.now())
    trade.oem.active = False
    trade.oem.save()
    assert work() == 0


def test_the_sweep_finds_everything(
    trade: Trade, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    subscribe(trade.mo_actor, receiver)
    asked: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(
        "apps.events.services.sweeping.queue.enqueue",
        lambda task, *args: asked.append((task, args)),
    )
    trade.contract()
    now = timezone.now()
    assert services.sweep(now=now) == 1
    assert asked == [("events.dispatch", (endpoint.pk,))]
    assert services.sweep(now=now) == 1  # nobody came: asked again
    receiver.answer = lambda request: 500
    work()
    assert services.sweep(now=timezone.now()) == 0


def test_old_deliveries_go_after_their_retention_and_waiting_ones_stay(
    trade: Trade, receiver: Receiver
) -> None:
    receiver.answer = lambda request: 500 if OTHER_PCID in request.body.decode() else 200
    subscribe(trade.oem_actor, receiver)
    trade.contract()
    trade.contract(pcid=OTHER_PCID)
    work()
    days = timedelta(days=django_settings.WEBHOOK_RETENTION_DAYS)
    assert services.purge(now=timezone.now() + days - HOUR) == 0
    assert services.purge(now=timezone.now() + days + HOUR) == 1
    assert states() == ["waiting"]
    assert OutboxEvent.objects.filter(organization=trade.oem).count() == 2


def test_what_waits_for_a_deleted_endpoint_is_cancelled_and_goes_with_it(
    trade: Trade, receiver: Receiver
) -> None:
    endpoint = subscribe(trade.oem_actor, receiver)
    trade.contract()
    services.fan_out(now=timezone.now())
    services.delete_endpoint(actor=trade.oem_actor, endpoint=endpoint)
    assert work() == 0
    now = timezone.now()
    services.purge(now=now)
    assert states() == ["cancelled"]
    services.purge(now=now + timedelta(days=django_settings.WEBHOOK_RETENTION_DAYS, hours=1))
    assert not WebhookEndpoint.objects.exists()
