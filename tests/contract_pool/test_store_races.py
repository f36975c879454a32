"""Two storings of one contract that meet: each on a connection of its own, in one moment.

Both have checked their data and opened their transaction when they ask for the locks of vehicle
and EMAID; a barrier lets neither go before the other is there.
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData
from apps.events.models import OutboxEvent
from tests.factories import contracts, trust
from tests.factories.races import outcomes
from v2g.ids import Emaid
from v2g.protocol import IsoVersion

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROUNDS = 8


class Meeting:
    """Holds each connection before its first advisory lock until all are there."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties, timeout=30)
        self._met = threading.local()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "pg_advisory_xact_lock" in sql and not getattr(self._met, "done", False):
            self._met.done = True
            self._barrier.wait()
        return execute(sql, params, many, context)


@pytest.fixture
def world() -> contracts.World:
    return contracts.world(own_pki=True)


def storing(
    world: contracts.World, emaid: Emaid, signed: bytes, *, vehicle: trust.Vehicle
) -> Callable[[], Contract]:
    return lambda: services.store(
        actor=world.mo.actor,
        version=IsoVersion.ISO_2,
        pcid=vehicle.pcid,
        emaid=emaid,
        xml_message=signed,
    )


def at_once(*calls: Callable[[], object]) -> Counter[str]:
    meeting = Meeting(len(calls))

    def met(call: Callable[[], object]) -> object:
        with connection.execute_wrapper(meeting):
            return call()

    return outcomes([lambda call=call: met(call) for call in calls])  # type: ignore[misc]  # bound


def signed(world: contracts.World, emaid: Emaid, vehicle: trust.Vehicle) -> bytes:
    data = contracts.contract_data(world.mo, vehicle, emaid)
    return world.sign(pcid=None, contract_data=data).xml


def told(emaid: Emaid) -> list[str]:
    events = OutboxEvent.objects.filter(payload__emaid=str(emaid)).order_by("id")
    return [event.kind for event in events]


def test_the_same_data_stored_twice_at_once_is_there_once(world: contracts.World) -> None:
    for _ in range(ROUNDS):
        emaid = world.mo.emaid()
        data = signed(world, emaid, world.vehicle)
        store = storing(world, emaid, data, vehicle=world.vehicle)
        assert at_once(store, store) == {"done": 2}
        contract = Contract.objects.running().get(emaid_key=emaid.key)
        assert contract.data.count() == 1
        assert told(emaid).count("oem.contract.created") == 1
    assert Contract.objects.running().filter(is_default=True).count() == 1


def test_of_two_different_data_of_one_contract_one_is_left(world: contracts.World) -> None:
    for _ in range(ROUNDS):
        emaid = world.mo.emaid()
        both = [signed(world, emaid, world.vehicle) for _ in range(2)]
        stores = [storing(world, emaid, one, vehicle=world.vehicle) for one in both]
        assert at_once(*stores) == {"done": 2}
        contract = Contract.objects.running().get(emaid_key=emaid.key)
        assert contract.data.count() == 1
        assert told(emaid) == ["oem.contract.created", "oem.contract.updated"]
    assert ContractData.objects.count() == ROUNDS


def test_of_two_vehicles_exactly_one_gets_the_contract(world: contracts.World) -> None:
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    for _ in range(ROUNDS):
        emaid = world.mo.emaid()
        stores = [
            storing(world, emaid, signed(world, emaid, vehicle), vehicle=vehicle)
            for vehicle in (world.vehicle, other)
        ]
        assert at_once(*stores) == {"done": 1, "emaid_bound": 1}
        assert Contract.objects.get(emaid_key=emaid.key).data.count() == 1
        assert told(emaid) == ["oem.contract.created"]


def test_two_contracts_of_a_vehicle_at_once_leave_one_default(world: contracts.World) -> None:
    for _ in range(ROUNDS):
        vehicle = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
        emaids = [world.mo.emaid() for _ in range(2)]
        stores = [
            storing(world, emaid, signed(world, emaid, vehicle), vehicle=vehicle)
            for emaid in emaids
        ]
        assert at_once(*stores) == {"done": 2}
        rows = Contract.objects.running().filter(pcid=str(vehicle.pcid))
        assert sorted(rows.values_list("is_default", flat=True)) == [False, True]
