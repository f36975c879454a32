"""The operator's pages about cleansing: runs, cleaning now, decisions, the clock."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from apps.audit.models import AuditEvent
from apps.core import schedules
from apps.core.actor import Right
from apps.core.errors import Forbidden, Invalid, NotFound
from apps.core.web import freshness
from apps.operator import cleansing, timetable
from apps.operator.models import CleansingRun
from apps.portal.numbers import alerts_for
from apps.root_pool import lost
from apps.root_pool.models import CleansingDecision
from tests.factories import contracts, parties, trust
from tests.factories.calls import forget_processes
from tests.operator import cleansed
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

pytestmark = pytest.mark.django_db

CLEANSE = "/cleanse/"
SCHEDULES = "/schedules/"


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    cache.clear()
    forget_processes()
    yield
    forget_processes()


def of_operator(browser: Browser, right: Right = Right.ADMIN) -> Client:
    operator = trust.operator()
    return browser(Party(operator, parties.member(organization=operator, right=right)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> CleansingDecision:
    """A question about the CA of one vehicle with a contract."""
    monkeypatch.setattr(lost, "LIMIT", 0)
    world = contracts.world()
    world.generate()
    trust.keep_crl(world.oem.pki.sub1, revoked=[world.oem.pki.sub2.certificate])
    cleansed.run()
    return cleansed.question()


def page_of(question: CleansingDecision) -> str:
    return reverse("admin:root_pool_cleansingdecision_change", args=[question.uuid])


def test_the_dry_run_is_shown_first_and_the_button_starts_the_run(browser: Browser) -> None:
    client, vehicle = of_operator(browser, Right.EDITOR), trust.published_vehicle()
    cleansed.end(vehicle)
    page = client.get(CLEANSE).content.decode()
    assert str(vehicle.pcid) in page
    assert not CleansingRun.objects.exists()
    answer = client.post(CLEANSE)
    run = CleansingRun.objects.get()
    assert answer["Location"] == reverse("admin:operator_cleansingrun_change", args=[run.uuid])
    assert (run.trigger, cleansed.pcids()) == ("button", {vehicle.row.pcid})
    assert run.job is not None
    cleansing.work_off(job_id=run.job.pk)
    assert cleansed.pcids() == set()
    shown = client.get(answer["Location"]).content.decode()
    assert "The provisioning certificate has ended" in shown
    assert reverse("admin:jobs_job_change", args=[run.job.uuid]) in shown


def test_who_may_only_look_sees_runs_and_no_button(browser: Browser) -> None:
    run = cleansed.run()
    client = of_operator(browser, Right.VIEWER)
    listed = client.get(reverse("admin:operator_cleansingrun_changelist"))
    assert listed.status_code == 200
    assert CLEANSE not in listed.content.decode()
    shown = client.get(reverse("admin:operator_cleansingrun_change", args=[run.uuid]))
    assert "Nothing to do" in shown.content.decode()
    assert [client.get(CLEANSE).status_code, client.post(CLEANSE).status_code] == [403, 403]


def test_cleaning_now_asks_for_the_second_factor(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = of_operator(browser)
    monkeypatch.setattr(freshness, "_keepers", [])  # without a keeper nobody is fresh
    assert client.post(CLEANSE).status_code == 403
    assert not CleansingRun.objects.exists()


def test_nobody_else_opens_the_pages(browser: Browser, asked: CleansingDecision) -> None:
    run = CleansingRun.objects.latest("pk")
    run_page = reverse("admin:operator_cleansingrun_change", args=[run.uuid])
    other = parties.organization(wmis=["WDD"])
    client = browser(Party(other, parties.member(organization=other, right=Right.ADMIN)))
    pages = [CLEANSE, SCHEDULES, run_page, page_of(asked), f"{page_of(asked)}hanging.csv"]
    assert {client.get(page).status_code for page in pages} <= {403, 404}


def test_a_question_shows_what_hangs_on_the_ca_and_gives_all_as_a_file(
    browser: Browser, asked: CleansingDecision
) -> None:
    client, pcid = of_operator(browser, Right.VIEWER), next(iter(cleansed.pcids()))
    page = client.get(page_of(asked)).content.decode()
    assert pcid in page
    assert f"{page_of(asked)}take-out/" not in page
    file = b"".join(client.get(f"{page_of(asked)}hanging.csv")).decode()
    assert f"vehicle,{pcid}," in file


def test_a_person_takes_it_out_with_a_reason(browser: Browser, asked: CleansingDecision) -> None:
    client, address = of_operator(browser), f"{page_of(asked)}take-out/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "The CA was broken into."}).status_code == 302
    run = CleansingRun.objects.get(trigger="decision")
    assert run.job is not None
    cleansing.work_off(job_id=run.job.pk)
    assert cleansed.pcids() == set()
    event = AuditEvent.objects.get(action="root_pool.decide")
    assert event.reason == "The CA was broken into."
    assert client.post(address, {"reason": "Again."}).status_code == 409


def test_a_person_keeps_it(browser: Browser, asked: CleansingDecision) -> None:
    client = of_operator(browser)
    answer = client.post(f"{page_of(asked)}keep-it/", {"reason": "It is a mistake of the CRL."})
    assert answer.status_code == 302
    assert cleansed.question().state == "keep"
    assert f"{page_of(asked)}take-out/" in client.get(page_of(asked)).content.decode()


@pytest.mark.parametrize("key", ["take-out", "keep-it"])
def test_deciding_needs_the_right_and_the_second_factor(
    browser: Browser, asked: CleansingDecision, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, why = f"{page_of(asked)}{key}/", {"reason": "Because."}
    assert of_operator(browser, Right.VIEWER).post(address, why).status_code == 403
    client = of_operator(browser)
    monkeypatch.setattr(freshness, "_keepers", [])
    assert client.post(address, why).status_code == 403
    assert cleansed.question().state == "waiting"


def test_a_waiting_decision_stands_on_the_operators_first_page(asked: CleansingDecision) -> None:
    [found] = alerts_for(trust.operator_person(Right.VIEWER))
    assert str(found.text).startswith("1 CA counts no more")
    assert found.href.endswith("/cleansing-decisions/?state=waiting")
    cleansed.decide(proceed=False)
    assert alerts_for(trust.operator_person()) == []


# --- the clock ----------------------------------------------------------------------------------
@pytest.fixture
def clock() -> timetable.Entry:
    """The schedule of the PCP."""
    schedules.sync()
    return next(one for one in timetable.entries() if one.declared.task == "operator.cleanse_pcp")


def test_an_administrator_changes_how_often_a_pool_is_swept(
    browser: Browser, clock: timetable.Entry
) -> None:
    client, address = of_operator(browser), f"{SCHEDULES}{clock.key}/"
    assert 'value="1"' in client.get(address).content.decode()
    answer = client.post(address, {"every": 30, "unit": 60})
    assert answer["Location"] == SCHEDULES
    row = PeriodicTask.objects.get(pk=clock.key)
    assert (row.interval.every, row.enabled, row.expire_seconds) == (1800, False, 5400)
    assert "30 minutes" in client.get(SCHEDULES).content.decode()
    event = AuditEvent.objects.get(action="operator.change_schedule")
    assert (event.detail["seconds"], event.detail["was_seconds"]) == (1800, 3600)
    schedules.sync()
    row.refresh_from_db()
    assert row.interval.every == 1800


@pytest.mark.parametrize("fields", [{"every": 1, "unit": 60}, {"every": 8, "unit": 86_400}])
def test_an_interval_outside_its_bounds_is_refused(
    browser: Browser, clock: timetable.Entry, fields: dict[str, Any]
) -> None:
    answer = of_operator(browser).post(f"{SCHEDULES}{clock.key}/", {**fields, "enabled": "on"})
    assert answer.status_code == 422
    assert timetable.entry(clock.key) == clock


def test_only_administrators_change_the_clock(browser: Browser, clock: timetable.Entry) -> None:
    client, address = of_operator(browser, Right.EDITOR), f"{SCHEDULES}{clock.key}/"
    assert client.get(SCHEDULES).status_code == 200
    assert client.post(address, {"every": 2, "unit": 3600}).status_code == 403
    for actor in (trust.operator_person(Right.EDITOR), contracts.cpo_actor()):
        with pytest.raises(Forbidden):
            timetable.change(actor=actor, key=clock.key, seconds=7200, enabled=True)
    assert timetable.entry(clock.key) == clock


def test_what_other_work_relies_on_cannot_be_changed(
    browser: Browser, clock: timetable.Entry
) -> None:
    fixed = PeriodicTask.objects.get(task="operator.beat")
    with pytest.raises(NotFound):
        timetable.change(actor=trust.operator_person(), key=fixed.pk, seconds=600, enabled=False)
    client = of_operator(browser)
    assert client.get(f"{SCHEDULES}{fixed.pk}/").status_code == 404
    with pytest.raises(Invalid):
        timetable.change(actor=trust.operator_person(), key=clock.key, seconds=1, enabled=True)
