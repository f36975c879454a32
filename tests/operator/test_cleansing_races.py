"""Runs at the same time, and beside people who do the same by hand."""

from functools import partial

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract
from apps.operator import cleansing
from apps.operator.cleansing import planning
from apps.operator.models import CleansingRun
from apps.provisioning_pool import services as pcp
from apps.root_pool import lost
from apps.root_pool.models import CleansingDecision
from tests.factories import contracts, trust
from tests.factories.races import outcomes
from tests.operator import cleansed
from v2g.ids import Emaid

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

BUTTON = CleansingRun.Trigger.BUTTON


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "BATCH", 2)


def fleet(world: contracts.World, count: int) -> list[trust.Vehicle]:
    """Vehicles with a contract each, all ended."""
    owner = world.vehicle.owner
    others = (trust.published_vehicle(oem=world.oem, owner=owner) for _ in range(count - 1))
    vehicles = [world.vehicle, *others]
    for vehicle in vehicles:
        world.generate(pcid=vehicle.pcid, emaid=world.mo.emaid())
        cleansed.end(vehicle)
    return vehicles


def start() -> int:
    run = cleansing.start(actor=trust.operator_people()[0], trigger=BUTTON)
    assert run.job_id is not None
    return run.job_id


def test_two_runs_with_two_workers_each_remove_every_row_once() -> None:
    world = contracts.world()
    fleet(world, 9)
    jobs = [start(), start()]
    work = [partial(cleansing.work_off, job_id=job) for job in jobs * 2]
    assert outcomes(work) == {"done": 4}
    assert cleansed.pcids() == set()
    assert not Contract.objects.running().exists()
    assert AuditEvent.objects.filter(action="provisioning_pool.withdraw").count() == 9
    assert len(cleansed.events("mo.prov.cert.deleted")) == 9
    runs = CleansingRun.objects.all()
    assert sum(cleansed.result(run, "pcp", "expired").removed for run in runs) == 9
    assert {run.job.state for run in runs if run.job} == {"done"}


def test_a_run_and_the_parties_meet_over_the_same_vehicles() -> None:
    world = contracts.world()
    vehicles = fleet(world, 6)
    emaids = [contract.emaid for contract in Contract.objects.running().order_by("pk")]
    job = start()
    owner = trust.oem_actor(world.vehicle.owner)
    withdraw = [partial(pcp.withdraw, actor=owner, pcid=one.pcid) for one in vehicles[:2]]
    end = [
        partial(ccp.end, actor=world.mo.actor, emaid=Emaid.parse(emaid)) for emaid in emaids[2:4]
    ]
    seen = outcomes([partial(cleansing.work_off, job_id=job), *withdraw, *end])
    assert set(seen) <= {"done", "vehicle_unknown", "contract_not_found"}
    assert cleansed.pcids() == set()
    assert not Contract.objects.running().exists()
    assert AuditEvent.objects.filter(action="contract_pool.end").count() == 6


def test_two_who_look_at_once_ask_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost, "LIMIT", 0)
    oem = trust.oem_pki()
    trust.published_vehicle(oem=oem)
    trust.keep_crl(oem.pki.sub1, revoked=[oem.pki.sub2.certificate])
    people = trust.operator_people()
    looks = [partial(cleansing.start, actor=one, trigger=BUTTON) for one in people]
    assert outcomes(looks) == {"done": 2}
    assert CleansingDecision.objects.count() == 1
    assert sum(run.asked for run in CleansingRun.objects.all()) == 1
