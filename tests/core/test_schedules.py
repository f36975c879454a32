"""Recurring work: declared in code, kept in the database, left to the operator from then on."""

from io import StringIO

import pytest
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core import schedules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    PeriodicTask.objects.all().delete()
    monkeypatch.setattr(schedules, "DECLARED", {})
    monkeypatch.setattr(schedules, "autodiscover_modules", lambda name: None)
    schedules.every(5, "tests.sweep", title="Tests: sweep")


def test_a_declared_task_gets_its_row_once() -> None:
    assert schedules.sync() == 1
    assert schedules.sync() == 0
    row = PeriodicTask.objects.get()
    assert (row.name, row.task, row.enabled) == ("Tests: sweep", "tests.sweep", True)
    assert (row.interval.every, row.interval.period) == (5, IntervalSchedule.SECONDS)


def test_what_an_operator_changed_stays() -> None:
    schedules.sync()
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.update(enabled=False, interval=hourly)
    schedules.sync()
    row = PeriodicTask.objects.get()
    assert not row.enabled
    assert row.interval == hourly


def test_tasks_share_an_interval() -> None:
    schedules.every(5, "tests.other", title="Tests: other")
    assert schedules.sync() == 2
    assert IntervalSchedule.objects.filter(every=5, period=IntervalSchedule.SECONDS).count() == 1


def test_a_title_names_one_task() -> None:
    schedules.every(5, "tests.sweep", title="Tests: sweep")
    with pytest.raises(ValueError, match="twice"):
        schedules.every(6, "tests.sweep", title="Tests: sweep")


def test_the_command_says_what_it_did() -> None:
    out = StringIO()
    call_command("sync_schedules", stdout=out)
    assert out.getvalue() == "1 new, 1 declared\n"
