"""Runs: broken off and taken up, twice at once, failing in part, by the clock and by hand."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from apps.audit.models import AuditEvent
from apps.core.errors import Conflict
from apps.jobs import services as jobs
from apps.operator import cleansing, tasks
from apps.operator.cleansing import planning
from apps.operator.models import CleansingRun
from apps.provisioning_pool import signals
from apps.root_pool import lost
from tests.factories import trust
from tests.factories.calls import forget_processes
from tests.operator import cleansed

pytestmark = pytest.mark.django_db

Trigger = CleansingRun.Trigger


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "BATCH", 1)


@pytest.fixture
def stubborn() -> Iterator[list[str]]:
    """PCIDs that cannot leave."""
    kept: list[str] = []

    def refuse(*, pcids: list[str], **_: Any) -> None:
        if set(pcids) & set(kept):
            raise Conflict("busy", "Something holds this vehicle.")

    signals.withdrawn.connect(refuse)
    yield kept
    signals.withdrawn.disconnect(refuse)


def ended_vehicles(count: int) -> list[trust.Vehicle]:
    oem = trust.oem_pki()
    found = [trust.published_vehicle(oem=oem)]
    for _ in range(count - 1):
        found.append(trust.published_vehicle(oem=oem, owner=found[0].owner))
    for vehicle in found:
        cleansed.end(vehicle)
    return found


def started(trigger: CleansingRun.Trigger = Trigger.BUTTON) -> CleansingRun:
    return cleansing.start(actor=trust.operator_people()[0], trigger=trigger)


def work_off(run: CleansingRun) -> None:
    assert run.job_id is not None
    cleansing.work_off(job_id=run.job_id)


@pytest.mark.usefixtures("one_by_one")
def test_a_run_goes_on_where_a_worker_died() -> None:
    ended_vehicles(3)
    run, at = started(), trust.now()
    assert run.job is not None
    died_with = jobs.lease_rows(job_id=run.job.pk, limit=1, now=at)
    assert len(died_with) == 1
    work_off(run)
    assert len(cleansed.pcids()) == 1
    with time_machine.travel(at + timedelta(minutes=5)):
        work_off(run)
    assert cleansed.pcids() == set()
    run.job.refresh_from_db()
    assert (run.job.state, run.job.done) == ("done", 3)
    assert cleansed.result(run, "pcp", "expired").removed == 3


@pytest.mark.usefixtures("one_by_one")
def test_two_runs_at_once_remove_each_row_once() -> None:
    ended_vehicles(3)
    first, second = started(), started()
    work_off(second)
    work_off(first)
    removed = [cleansed.result(run, "pcp", "expired").removed for run in (first, second)]
    assert removed == [0, 3]
    assert AuditEvent.objects.filter(action="provisioning_pool.withdraw").count() == 3


@pytest.mark.usefixtures("one_by_one")
def test_what_cannot_leave_is_counted_with_its_reason_and_does_not_stop_the_others(
    stubborn: list[str],
) -> None:
    stays, *_ = ended_vehicles(3)
    stubborn.append(stays.row.pcid)
    run = cleansed.run()
    assert cleansed.pcids() == {stays.row.pcid}
    found = cleansed.result(run, "pcp", "expired")
    assert (found.found, found.removed, found.failed) == (3, 2, 1)
    assert found.reasons == ("Something holds this vehicle.",)
    stubborn.clear()
    assert run.job is not None
    jobs.retry_failed(actor=trust.operator_people()[0], job=run.job)
    work_off(run)
    assert cleansed.pcids() == set()
    assert cleansed.result(run, "pcp", "expired").failed == 0


def test_a_vehicle_published_anew_between_planning_and_work_stays() -> None:
    [vehicle] = ended_vehicles(1)
    run = started()
    later = trust.now() + timedelta(days=300)
    type(vehicle.row).objects.update(not_after=later)
    work_off(run)
    assert cleansed.pcids() == {vehicle.row.pcid}
    assert cleansed.result(run, "pcp", "expired").removed == 0


def test_the_clock_starts_a_run_for_each_pool_and_none_while_one_is_at_work() -> None:
    ended_vehicles(1)
    for _ in range(2):
        tasks.cleanse_rcp()
        tasks.cleanse_pcp()
        tasks.cleanse_ccp()
    runs = CleansingRun.objects.order_by("pk")
    assert [run.pools for run in runs if run.job] == [["pcp"]]
    assert {run.trigger for run in runs} == {"schedule"}
    [run] = [run for run in runs if run.job]
    tasks.cleanse(run.job_id)
    assert cleansed.pcids() == set()


def test_the_run_of_the_clock_belongs_to_the_operator_whose_people_may_stop_it() -> None:
    operator = trust.operator()
    ended_vehicles(1)
    tasks.cleanse_pcp()
    run = CleansingRun.objects.exclude(job=None).get()
    assert run.job is not None
    assert run.job.organization == operator
    jobs.request_cancel(actor=trust.operator_person(), job=run.job)
    tasks.cleanse(run.job.pk)
    assert len(cleansed.pcids()) == 1


def test_runs_that_found_nothing_are_forgotten_after_a_month() -> None:
    tasks.cleanse_rcp()
    with time_machine.travel(trust.now() + timedelta(days=31)):
        tasks.cleanse_rcp()
    assert CleansingRun.objects.count() == 1


def test_every_run_is_in_the_audit_trail() -> None:
    ended_vehicles(1)
    run = cleansed.run()
    event = AuditEvent.objects.get(action="operator.cleanse")
    assert (event.target_id, event.reason) == (str(run.uuid), "button")
    assert event.detail["found"] == 1


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("cleanse", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_a_dry_run_prints_what_would_go_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "NAMED", 1)
    ended_vehicles(3)
    lines = command("--dry-run")
    place = lines.index("pcp expired: 3 would go")
    assert lines[place + 2] == "  and 2 more"
    assert len(cleansed.pcids()) == 3
    assert not CleansingRun.objects.exists()


def test_a_dry_run_names_the_cas_about_which_a_person_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lost, "LIMIT", 0)
    oem = trust.oem_pki()
    trust.published_vehicle(oem=oem)
    trust.keep_crl(oem.pki.sub1, revoked=[oem.pki.sub2.certificate])
    lines = command("--dry-run", "--pool", "pcp")
    assert any("(revoked): a person decides" in line for line in lines)
    assert not any(line.startswith("ccp") for line in lines)


def test_the_command_cleanses_now_and_prints_the_result() -> None:
    ended_vehicles(2)
    lines = command()
    assert cleansed.pcids() == set()
    assert "pcp expired: 2 looked at, 2 removed, 0 followed, 0 told, 0 failed" in lines
    assert CleansingRun.objects.get().trigger == "command"
