"""Bulk generation as a job: an outcome per row, the rights of today, nothing done twice."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app

from apps.contract_pool.models import Contract, ContractData
from apps.core import queue
from apps.core.errors import Forbidden, Invalid
from apps.jobs.models import Job, JobRow
from apps.jobs.services import CHUNK
from apps.participants.models import ApiClient
from apps.provisioning_service import services, tasks
from tests.factories import contracts, parties, trust

pytestmark = pytest.mark.django_db


def _row(world: contracts.World, **changes: str) -> dict[str, str]:
    row = {
        "pcid": str(world.vehicle.pcid),
        "emaid": str(world.mo.emaid()),
        "begins": trust.now().isoformat(),
        "ends": (trust.now() + timedelta(days=90)).isoformat(),
    }
    return row | changes


def _run(world: contracts.World, rows: list[dict[str, str]], **changes: Any) -> Job:
    terms: dict[str, Any] = {"actor": world.mo.actor, "rows": rows}
    job = services.start_bulk(**(terms | changes))
    tasks.generate_rows(job.pk)
    job.refresh_from_db()
    return job


def test_each_row_becomes_a_contract_that_the_vehicle_accepts() -> None:
    world = contracts.world()
    vehicles = [trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner) for _ in range(3)]
    job = _run(world, [_row(world, pcid=str(vehicle.pcid)) for vehicle in vehicles])
    assert (job.state, job.done, job.failed) == ("done", 3, 0)
    for vehicle in vehicles:
        car = contracts.Car(vehicle, [world.v2g.root.certificate])
        car.accept(car.install(contracts.cpo_actor()).exi)


def test_rows_fail_for_themselves_with_what_is_wrong() -> None:
    world = contracts.world()
    rows = [
        _row(world),
        _row(world, pcid="short"),
        _row(world, emaid="DE"),
        _row(world, begins="yesterday"),
        _row(world, ends=(trust.now() - timedelta(days=1)).isoformat()),
        _row(world, emaid=str(contracts.mo().emaid())),
        {},
        _row(world),
    ]
    job = _run(world, rows)
    assert (job.state, job.done, job.failed) == ("done", 2, 6)
    codes = list(JobRow.objects.order_by("number").values_list("code", flat=True))
    assert codes == [
        "",
        "identifier",
        "identifier",
        "instant",
        "ends_in_past",
        "foreign_provider",
        "identifier",
        "",
    ]


def test_an_emaid_that_stands_there_twice_is_made_and_replaced() -> None:
    world = contracts.world()
    emaid = str(world.emaid)
    job = _run(world, [_row(world, emaid=emaid), _row(world, emaid=emaid)])
    assert job.done == 2
    assert Contract.objects.count() == ContractData.objects.count() == 1


def test_more_rows_than_a_chunk_are_worked_off_by_more_than_one_message() -> None:
    world = contracts.world()
    job = _run(world, [_row(world) for _ in range(CHUNK + 5)])
    assert (job.state, job.done) == ("running", CHUNK)
    tasks.generate_rows(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", CHUNK + 5)
    assert Contract.objects.filter(is_default=True).count() == 1


def test_a_message_that_comes_twice_does_nothing_twice() -> None:
    world = contracts.world()
    job = _run(world, [_row(world)])
    tasks.generate_rows(job.pk)
    job.refresh_from_db()
    assert job.done == 1
    assert ContractData.objects.count() == 1


def test_a_client_that_was_disabled_meanwhile_does_nothing() -> None:
    world = contracts.world()
    job = services.start_bulk(actor=world.mo.actor, rows=[_row(world)])
    ApiClient.objects.filter(client_id=world.mo.actor.identifier).update(enabled=False)
    tasks.generate_rows(job.pk)
    assert JobRow.objects.get().code == "client_disabled"
    assert not Contract.objects.exists()


def test_a_person_may_start_it() -> None:
    world = contracts.world()
    person = parties.person(organization=world.mo.organization)
    assert _run(world, [_row(world)], actor=person).done == 1


def test_without_a_signer_the_rows_fail_and_tell_why() -> None:
    world = contracts.world()
    world.signer.active = False
    world.signer.save()
    job = _run(world, [_row(world)])
    assert job.failed == 1
    assert JobRow.objects.get().code == "no_signer"


def test_others_may_not_start_it() -> None:
    world = contracts.world()
    with pytest.raises(Forbidden):
        services.start_bulk(actor=trust.oem_actor(world.vehicle.owner), rows=[_row(world)])
    with pytest.raises(Invalid):
        services.start_bulk(actor=world.mo.actor, rows=[])


def test_the_task_is_registered_under_the_name_that_is_enqueued() -> None:
    assert tasks.generate_rows.name in queue.NAMES
    assert tasks.generate_rows.name in current_app.tasks
