"""An MO with its own CA is asked for new contract data, once, ahead of the end."""

from datetime import timedelta

import pytest
import time_machine

from apps.contract_pool import due, services
from apps.contract_pool.models import Contract
from apps.core.actor import system
from apps.events.models import OutboxEvent
from apps.provisioning_service import services as cps
from tests.factories import contracts, trust

pytestmark = pytest.mark.django_db

ACTOR = system("tests")
KIND = "mo.contract.renewal.due"


def _ask(days: int) -> int:
    """Ask so many days before the certificate ends."""
    (contract,) = Contract.objects.running()
    assert contract.successor_by is not None
    return services.ask_mos(actor=ACTOR, now=contract.successor_by - timedelta(days=days))


def test_it_is_asked_once_in_its_window() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    assert [_ask(61), _ask(59), _ask(58)] == [0, 1, 0]
    event = OutboxEvent.objects.get(kind=KIND)
    contract = Contract.objects.get()
    assert contract.successor_by is not None
    assert (event.organization, event.lane) == (world.mo.organization, str(world.vehicle.pcid))
    assert event.payload == {
        "emaid": str(world.emaid),
        "pcid": str(world.vehicle.pcid),
        "certificateNotAfter": f"{contract.successor_by:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert list(due.asked(world.mo.organization.pk)) == [contract]


def test_new_data_ends_the_task() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    _ask(59)
    world.sign(contract_data=contracts.contract_data(world.mo, world.vehicle, world.emaid))
    assert not due.asked(world.mo.organization.pk).exists()
    assert Contract.objects.get().renewal_asked_at is None


def test_we_do_not_renew_what_another_ca_made_nor_ask_for_what_ours_did() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    contract = Contract.objects.get()
    assert contract.successor_by is not None
    at = contract.successor_by - timedelta(days=10)
    assert cps.plan_renewals(now=at) == 0
    Contract.objects.update(made_by_us=True)
    assert services.ask_mos(actor=ACTOR, now=at) == 0


def test_an_ended_contract_is_not_asked_for() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    end = Contract.objects.get().successor_by
    assert end is not None
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert services.ask_mos(actor=ACTOR, now=end) == 0


def test_who_lets_it_pass_is_warned_three_times() -> None:
    world = contracts.world(own_pki=True)
    leaf = contracts.contract_leaf(world.mo, world.emaid, days=200)
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid, leaf=leaf)
    world.sign(contract_data=data)
    end = Contract.objects.get().successor_by
    assert end is not None
    for days in (91, 89, 60, 29, 28, 6, 5):
        with time_machine.travel(end - timedelta(days=days), tick=False):
            services.ask_mos(actor=ACTOR, now=trust.now())
            cps.warn_of_ends(now=trust.now())
    own = OutboxEvent.objects.filter(organization=world.mo.organization).order_by("pk")
    told = [one.payload.get("daysLeft") for one in own if one.kind == "certificate.expiring"]
    assert told == [90, 30, 7]
    assert own.filter(kind=KIND).count() == 1
