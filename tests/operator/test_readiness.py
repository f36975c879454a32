"""/readyz: every part, which of them make it red, and that it never waits for long."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.audit import services as audit
from apps.audit.models import AuditEvent
from apps.keys import services as keys
from apps.operator import readiness, services, vitals
from apps.operator.models import Heartbeat
from apps.operator.readiness import Part, State
from apps.pki.models import PublishedCrl
from config.beat import Scheduler
from tests.factories import parties, trust

OK = Part(State.OK, "fine")


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(readiness, "ANSWER_S", 20.0)  # a crowded machine is no finding
    readiness.forget()
    yield
    readiness.forget()


def alive() -> None:
    services.note_heartbeat(services.BACKGROUND)
    services.note_heartbeat(services.CLOCK)


def look(name: str) -> Part:
    return readiness.DATABASE_LOOKS[name]()


@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_everything_that_works_is_ready(client: Client) -> None:
    alive()
    answer = client.get("/readyz")
    found = json.loads(answer.content)
    assert answer.status_code == 200, found
    assert found["status"] == "ready"
    assert list(found["parts"]) == [
        "database",
        "broker",
        "worker",
        "beat",
        "signer",
        "audit",
        "crl",
        "ocsp",
    ]
    assert {part["state"] for part in found["parts"].values()} == {"ok"}
    assert len(answer.content.decode().splitlines()) == 10


@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_an_unsealed_tail_turns_it_red_and_the_seal_green_again(client: Client) -> None:
    alive()
    parties.organization(wmis=["WVW"])
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    readiness.forget()
    now = timezone.now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now + timedelta(seconds=61))
        alive()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert json.loads(answer.content)["parts"]["audit"]["state"] == "down"
        assert client.get("/readyz/web").status_code == 200
        readiness.forget()
        audit.seal_new()
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("name", readiness.ORDER)
def test_what_is_needed_makes_it_red_and_the_rest_does_not(name: str) -> None:
    parts = {each: Part(State.OK, "", each not in readiness.NOT_NEEDED) for each in readiness.ORDER}
    parts[name] = Part(State.DOWN, "", name not in readiness.NOT_NEEDED)
    found = readiness.Report(parts)
    assert found.ready == (name in {"crl", "ocsp"})
    status = json.loads(found.text())["status"]
    assert status == ("degraded" if name in {"crl", "ocsp"} else "not ready")


@pytest.mark.django_db
@pytest.mark.parametrize(("part", "name"), [("background", "worker"), ("clock", "beat")])
def test_clock_and_worker_are_told_apart(part: str, name: str) -> None:
    alive()
    assert look(name).state is State.OK
    Heartbeat.objects.filter(part=part).update(at=timezone.now() - timedelta(minutes=2))
    assert look("worker").state is (State.DOWN if name == "worker" else State.OK)
    assert look("beat").state is (State.DOWN if name == "beat" else State.OK)
    Heartbeat.objects.all().delete()
    assert look(name).state is State.DOWN


@pytest.mark.django_db
def test_the_clock_gives_a_sign_of_life_and_outlives_its_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheduler = Scheduler(app=current_app, lazy=True)
    scheduler._heap = []
    monkeypatch.setattr("celery.beat.Scheduler.tick", lambda self: 1.0)
    assert scheduler.tick() == 1.0
    noted = Heartbeat.objects.get(part="clock").at
    scheduler.tick()
    assert Heartbeat.objects.get(part="clock").at == noted

    def fail(part: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(services, "note_heartbeat", fail)
    scheduler._noted = 0.0
    assert scheduler.tick() == 1.0


@pytest.mark.django_db
def test_the_signer_needs_every_vault_key_that_sealed_something(settings: Settings) -> None:
    keys.create(label="A key of ours")
    assert look("signer").state is State.OK
    settings.VAULT_KEYS = ["2:" + base64.b64encode(b"w" * 32).decode()]
    assert look("signer").state is State.OK  # seen a moment ago
    readiness.forget()
    assert look("signer").state is State.DOWN


@pytest.mark.django_db
def test_a_crl_that_is_behind_is_late_and_one_that_ended_is_down() -> None:
    authority = next(iter(trust.v2g_ecosystem(name="Current").sub2.values()))
    PublishedCrl.objects.filter(authority=authority).delete()
    row = PublishedCrl.objects.create(
        authority=authority, der=b"x", next_update=timezone.now() + timedelta(hours=1), changes=1
    )
    assert look("crl").state is State.LATE
    PublishedCrl.objects.filter(pk=row.pk).update(covered=1)
    assert look("crl").state is State.OK
    PublishedCrl.objects.filter(pk=row.pk).update(next_update=timezone.now())
    found = look("crl")
    assert found.state is State.DOWN
    assert authority.name not in found.says


@pytest.mark.parametrize("failing", ["database_ms", "oldest_unsealed"])
@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_is_down_with_what_stands_in_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail() -> int:
        raise DatabaseError("password=secret host=db")

    monkeypatch.setattr(vitals, failing, fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()
    parts = json.loads(answer.content)["parts"]
    assert parts["audit"]["state"] == "down"
    assert parts["broker"]["state"] == "ok"


@pytest.mark.parametrize("way", ["broker_waiting", "cache_answers"])
def test_a_broker_or_cache_that_does_not_answer_is_down(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(vitals, way, lambda: None)
    assert readiness._broker()["broker"].state is State.DOWN


@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_a_part_that_hangs_is_waited_for_two_seconds_and_only_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        go_on.wait(30)

    monkeypatch.setattr(vitals, "broker_waiting", hang)
    monkeypatch.setattr(readiness, "ANSWER_S", 0.3)
    try:
        alive()
        first, second = client.get("/readyz"), client.get("/readyz")
    finally:
        go_on.set()
    assert first.status_code == second.status_code == 503
    parts = json.loads(first.content)["parts"]
    assert parts["broker"]["says"] == "no answer within 0.3 s"
    assert parts["database"]["state"] == "ok"
    assert len(asked) == 1


@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_a_defect_in_a_look_makes_it_red_and_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Any:
        raise ValueError("private")

    monkeypatch.setattr(vitals, "broker_waiting", fail)
    alive()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "private" not in answer.content.decode()


@pytest.mark.postgres  # it looks from a thread, on a second connection
@pytest.mark.django_db(transaction=True)
def test_who_asks_in_a_loop_costs_one_look_a_second(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look_at_it() -> bool:
        looks.append(1)
        return True

    monkeypatch.setattr(vitals, "cache_answers", look_at_it)
    monkeypatch.setattr(readiness, "KEPT_S", 60.0)
    for _ in range(5):
        client.get("/readyz")
    assert len(looks) == 1
    assert not AuditEvent.objects.exists()
