"""Delivery: signed, to those who subscribed, in order for each vehicle, and only outside."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from apps.events import services
from apps.events.models import (
    EventKind,
    OutboxEvent,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookLane,
)
from tests.events.conftest import Trade, work
from tests.factories import parties
from tests.factories.receivers import Receiver, secret_of, subscribe

pytestmark = pytest.mark.django_db

CREATED = EventKind.OEM_CONTRACT_CREATED
UPDATED = EventKind.OEM_CONTRACT_UPDATED
DELETED = EventKind.OEM_CONTRACT_DELETED
HOUR = timedelta(hours=1)


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
    other = parties.actor(organization=parties.organization(wmis=["WBA"]))
    subscribe(other, receiver, CREATED, path="/other")
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
