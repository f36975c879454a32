"""The health page: who sees it, and what it says of each part."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import DatabaseError
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Right
from apps.events.models import OutboxEvent
from apps.operator import health, services
from apps.operator.health import State
from apps.operator.models import Heartbeat
from apps.operator.tasks import beat
from apps.pki.models import PublishedCrl
from tests.factories import parties, trust
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

PAGES = ("/health/", "/health/now/")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Workers answer only where a test says so; no network is asked."""
    answers: list[Any] = []
    monkeypatch.setattr(current_app.control, "ping", lambda timeout: answers)
    return answers


def reading(name: str) -> health.Reading:
    return next(one for one in health.readings() if one.name == name)


@pytest.mark.parametrize("right", list(Right))
def test_everybody_of_the_operator_sees_the_page(db: None, browser: Browser, right: Right) -> None:
    operator = trust.operator()
    client = browser(Party(operator, parties.member(organization=operator, right=right)))
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Clock and workers" in answer.content.decode()
        assert client.post(path).status_code == 405


def test_nobody_else_sees_it(db: None, browser: Browser) -> None:
    organization = parties.organization(wmis=["WVW"])
    user = parties.member(organization=organization, right=Right.ADMIN)
    client = browser(Party(organization, user))
    assert [client.get(path).status_code for path in PAGES] == [403, 403]


def test_clock_and_workers_work_while_their_sign_of_life_is_fresh(
    db: None, no_worker: list[Any]
) -> None:
    assert reading("Clock and workers").line == "No worker answers."
    beat()
    assert reading("Clock and workers").state is State.WORKING
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=2))
    no_worker.append({"worker": "pong"})
    found = reading("Clock and workers")
    assert found.state is State.DOWN
    assert found.line == "Workers answer, but the clock sends nothing."


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, State.WORKING), (2, State.SLOW), (11, State.DOWN)]
)
def test_events_that_are_not_passed_on_are_seen(db: None, minutes: int, state: State) -> None:
    OutboxEvent.objects.create(kind="root.cert.added")
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))
    assert reading("Events").state is state


def test_audit_events_that_nobody_seals_are_seen(db: None) -> None:
    parties.organization(wmis=["WVW"])
    assert reading("Audit trail").state is State.WORKING
    later = AuditEvent.objects.order_by("at")[0].at + timedelta(minutes=11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        assert reading("Audit trail").state is State.DOWN


def test_a_crl_that_has_ended_is_named(db: None) -> None:
    ecosystem = trust.v2g_ecosystem(name="Current")
    authority = next(iter(ecosystem.sub2.values()))
    PublishedCrl.objects.filter(authority=authority).delete()
    PublishedCrl.objects.create(authority=authority, der=b"x", next_update=timezone.now())
    found = reading("CRLs")
    assert found.state is State.DOWN
    assert authority.name in str(found.line)


def test_a_database_that_fails_is_down(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> health.Reading:
        raise DatabaseError

    monkeypatch.setattr(health, "_database", fail)
    assert [(one.name, one.state) for one in health.readings()] == [("Database", State.DOWN)]


def test_the_broker_says_how_many_tasks_wait(db: None) -> None:
    assert reading("Broker").line == "0 tasks wait."


def test_the_sentence_names_what_needs_a_look() -> None:
    good = health.Reading("Database", State.WORKING, "")
    bad = health.Reading("Broker", State.DOWN, "")
    assert health.summary([good]) == "Everything is working."
    assert health.summary([good, bad]) == "Needs a look: Broker."


def test_a_second_sign_of_life_replaces_the_first(db: None) -> None:
    services.note_heartbeat()
    services.note_heartbeat()
    assert Heartbeat.objects.count() == 1
