"""Work for Celery: by name, after the commit, and never a reason to fail."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.core import queue, schedules

pytestmark = pytest.mark.django_db(transaction=True)

TASK = queue.name("tests.task")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    messages: list[tuple[str, list[Any]]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **more: messages.append((name, args))
    )
    return messages


def test_a_message_leaves_after_the_commit(sent: list[tuple[str, list[Any]]]) -> None:
    with transaction.atomic():
        queue.enqueue(TASK, 7, "a")
        assert sent == []
    assert sent == [(TASK, [7, "a"])]


def test_a_message_of_a_rolled_back_transaction_never_leaves(
    sent: list[tuple[str, list[Any]]],
) -> None:
    with transaction.atomic():
        queue.enqueue(TASK, 7)
        transaction.set_rollback(True)
    assert sent == []


def test_a_broker_that_is_away_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **more: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", away)
    with transaction.atomic():
        queue.enqueue(TASK, 7)


def test_a_name_that_nobody_declared_is_a_defect() -> None:
    with pytest.raises(LookupError):
        queue.enqueue("tests.undeclared", 1)


def test_every_name_that_is_enqueued_or_scheduled_is_a_registered_task() -> None:
    current_app.loader.import_default_modules()
    schedules.sync()
    wanted = {name for name in queue.NAMES if not name.startswith("tests.")}
    wanted |= {declared.task for declared in schedules.DECLARED.values()}
    assert wanted <= set(current_app.tasks)
    assert "audit.seal" in wanted
