"""Writing the audit trail."""

import time
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from apps.audit import services
from apps.audit.models import AuditEvent, AuditSeal, InsertOnlyError, RefusalCount
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from tests.factories.parties import bare_actor

pytestmark = pytest.mark.django_db

ACTOR = bare_actor(roles=[])


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def written(actor: Actor = ACTOR, **fields: Any) -> AuditEvent:
    event = services.record(
        actor=actor,
        **{"action": "tests.act", "target_type": "thing", "target_id": "7", **fields},
    )
    return AuditEvent.objects.get(pk=event.pk)


def test_an_event_says_who_did_what_to_which_object() -> None:
    event = written(detail={"emaid": "DEABC", "rows": 3, "roles": {"MO", "CPO"}, "none": None})
    assert (event.actor_kind, event.actor_id, event.actor_label) == ("client", "bare", "Bare")
    assert (event.action, event.target_type, event.target_id) == ("tests.act", "thing", "7")
    assert event.result == "ok"
    assert event.organization_id == 1
    assert event.detail == {"emaid": "DEABC", "rows": 3, "roles": ["CPO", "MO"], "none": None}
    assert services.verify() == []


def test_an_event_has_the_request_id_of_its_actor_or_of_what_runs() -> None:
    with bound_contextvars(request_id="of-the-task"):
        assert written().request_id == "of-the-task"
        assert written(replace(ACTOR, request_id="of-the-caller")).request_id == "of-the-caller"
    assert services.verify() == []


def test_texts_are_cut_to_their_column_and_made_storable() -> None:
    event = written(reason="x" * 400, target_id="a\0b", detail={"text": "\ud800" + "y" * 3000})
    assert len(event.reason) == 300
    assert event.target_id == "a\ufffdb"
    assert len(event.detail["text"]) == 2000
    assert services.verify() == []


@pytest.mark.parametrize("value", [1.5, b"bytes", timezone.now(), object()])
def test_values_that_databases_give_back_differently_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        written(detail={"value": value})


def test_events_and_seals_cannot_be_changed_or_removed() -> None:
    event = written()
    services.seal_new()
    seal = AuditSeal.objects.get()
    for row in (event, seal):
        with pytest.raises(InsertOnlyError):
            row.save()
        with pytest.raises(InsertOnlyError):
            row.delete()
        with pytest.raises(InsertOnlyError):
            type(row).objects.all().update(key_version=2)
        with pytest.raises(InsertOnlyError):
            type(row).objects.all().delete()
        with pytest.raises(InsertOnlyError):
            type(row).objects.bulk_update([row], ["key_version"])
    assert AuditEvent.objects.count() == AuditSeal.objects.count() == 1


def test_a_refusal_is_recorded_with_its_code() -> None:
    services.record_refusal(
        actor=ACTOR, action="ccp.end", error=Forbidden("foreign_provider", "Not yours.")
    )
    event = AuditEvent.objects.get()
    assert (event.result, event.reason) == ("refused", "Not yours.")
    assert event.detail == {"code": "foreign_provider", "status": 403}


def refuse(times: int, actor: Actor = ACTOR) -> None:
    for _ in range(times):
        services.record_refusal(actor=actor, action="ccp.end", error=Forbidden("role", "No."))


def test_at_most_sixty_refusals_a_minute_then_one_counting_event() -> None:
    other = bare_actor(roles=[], organization_id=2)
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False) as clock:
        refuse(75)
        assert AuditEvent.objects.count() == 60
        assert services.count_suppressed() == 0
        assert RefusalCount.objects.count() == 1
        clock.shift(60)
        refuse(1, other)
        assert AuditEvent.objects.count() == 61
        assert services.count_suppressed() == 1
        assert services.count_suppressed() == 0
    event = AuditEvent.objects.get(action="audit.count_refusals")
    assert event.detail == {"further": 15, "recorded": 60}
    assert event.actor_id == "bare"
    assert not RefusalCount.objects.exists()


def test_exactly_sixty_refusals_need_no_count() -> None:
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False):
        refuse(60)
    assert not RefusalCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_and_a_refusal_inside_one_are_defects() -> None:
    with pytest.raises(RuntimeError):
        services.record(actor=ACTOR, action="a.b", target_type="t", target_id="1")
    with pytest.raises(RuntimeError), transaction.atomic():
        refuse(1)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_the_change_that_was_rolled_back() -> None:
    with transaction.atomic():
        services.record(actor=ACTOR, action="a.b", target_type="t", target_id="1")
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()
