"""Nothing is lost: leases that run out, the sweep, disabled and deleted endpoints, retention."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from apps.events import services
from apps.events.models import (
    EventKind,
    OutboxEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from apps.events.services import lanes
from apps.events.services.sending import Reply
from apps.events.services.settling import Outcome, settle
from tests.events.conftest import OTHER_PCID, Trade, states, work
from tests.factories.receivers import Receiver, subscribe

pytestmark = pytest.mark.django_db

CREATED = EventKind.OEM_CONTRACT_CREATED
UPDATED = EventKind.OEM_CONTRACT_UPDATED
DELETED = EventKind.OEM_CONTRACT_DELETED
HOUR = timedelta(hours=1)


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
