"""mo.contract.delivered.to.oem: an MO learns that its contract data was handed out."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.contract_pool import services
from apps.contract_pool.models import Delivery
from apps.contract_pool.services import reporting
from apps.contract_pool.tasks import tell_deliveries
from apps.events.models import OutboxEvent
from apps.provisioning_pool import services as pcp
from tests.factories import contracts, trust
from v2g.ids import Emaid
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> contracts.World:
    made = contracts.world()
    made.generate()
    return made


def pull(world: contracts.World) -> None:
    services.provide(
        actor=trust.oem_actor(world.vehicle.owner),
        emaid=world.emaid,
        pcid=world.vehicle.pcid,
        session_id=b"",
        version=IsoVersion.ISO_2,
    )


def told() -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(kind="mo.contract.delivered.to.oem").order_by("pk"))


def notices() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("notice", flat=True))


def test_the_mo_is_told_in_the_lane_of_the_vehicle(world: contracts.World) -> None:
    world.car.install(contracts.cpo_actor())
    tell_deliveries()
    (event,) = told()
    assert event.organization == world.mo.organization
    assert event.lane == str(world.vehicle.pcid)
    assert event.payload == {"emaid": str(world.emaid), "pcid": str(world.vehicle.pcid)}


def test_the_same_data_is_told_once_per_way_however_often_it_is_fetched(
    world: contracts.World,
) -> None:
    cpo = contracts.cpo_actor()
    world.car.install(cpo)
    world.car.install(cpo)
    pull(world)
    assert services.tell_deliveries() == 3
    assert len(told()) == 2
    assert notices() == ["told", "silent", "told"]
    world.car.install(cpo)
    pull(world)
    assert services.tell_deliveries() == 2
    assert services.tell_deliveries() == 0
    assert len(told()) == 2


def test_renewed_data_is_told_again(world: contracts.World) -> None:
    cpo = contracts.cpo_actor()
    world.car.install(cpo)
    services.tell_deliveries()
    world.generate()
    world.car.install(cpo)
    services.tell_deliveries()
    assert len(told()) == 2


def test_what_was_refused_is_not_told(world: contracts.World) -> None:
    stranger = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(services.NotServed):
        contracts.Car(stranger, world.car.roots).install(contracts.cpo_actor())
    assert services.tell_deliveries() == 0
    assert told() == []


def test_a_delivery_is_told_although_the_contract_ended_meanwhile(world: contracts.World) -> None:
    world.car.install(contracts.cpo_actor())
    pcp.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    services.tell_deliveries()
    assert [event.payload["emaid"] for event in told()] == [str(world.emaid)]


def test_each_mo_learns_of_its_own_contract(world: contracts.World) -> None:
    other = contracts.mo()
    theirs = world.generate(actor=other.actor, emaid=other.emaid())
    services.provide(
        actor=trust.oem_actor(world.vehicle.owner),
        emaid=Emaid.parse(theirs.emaid),
        pcid=world.vehicle.pcid,
        session_id=b"",
        version=IsoVersion.ISO_2,
    )
    pull(world)
    services.tell_deliveries()
    assert [event.organization_id for event in told()] == [
        other.organization.pk,
        world.mo.organization.pk,
    ]


def test_a_sweep_that_dies_leaves_the_rows_for_the_next_one(
    world: contracts.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.car.install(contracts.cpo_actor())
    real = reporting._mark

    def die(*_: Any) -> None:
        raise RuntimeError("the worker was killed")

    monkeypatch.setattr(reporting, "_mark", die)
    with pytest.raises(RuntimeError):
        services.tell_deliveries()
    assert told() == []
    monkeypatch.setattr(reporting, "_mark", real)
    services.tell_deliveries()
    assert len(told()) == 1


def test_a_sweep_works_in_bounded_batches(
    world: contracts.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "BATCH", 2)
    monkeypatch.setattr(reporting, "BATCHES", 2)
    cpo = contracts.cpo_actor()
    for _ in range(5):
        world.car.install(cpo)
    assert services.tell_deliveries() == 4
    assert notices() == ["told", "silent", "silent", "silent", ""]
    assert services.tell_deliveries() == 1
    assert len(told()) == 1


def test_where_nothing_waits_one_query_is_made_and_no_transaction() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert services.tell_deliveries() == 0
    assert len(queries) == 1


def test_the_rows_that_wait_are_found_without_reading_those_that_do_not() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table of a test is tiny
    assert "delivery_untold" in Delivery.objects.untold().order_by("id")[:500].explain()
