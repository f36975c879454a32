"""Sending work to Celery by name, after the transaction has committed."""

from collections.abc import Callable
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from structlog import get_logger

log = get_logger(__name__)

NAMES: set[str] = set()
"""Every task name that services enqueue; a test checks that each is registered."""


def name(task: str) -> str:
    """Declare a task name: `CONCLUDE = queue.name("provisioning_service.conclude_chunk")`."""
    NAMES.add(task)
    return task


def enqueue(task: str, *args: int | str) -> None:
    """Ask a worker to run `task` with primary keys, once the open transaction has committed.

    The broker is only a hint: if it cannot be reached the message is dropped with a log line,
    because a sweep finds every row that waits. Retry times are rows too, never a countdown.
    """
    if task not in NAMES:
        raise LookupError(f"{task} was never declared with queue.name()")
    send: Callable[[], None] = partial(_send, task, args)
    transaction.on_commit(send)


def _send(task: str, args: tuple[int | str, ...]) -> None:
    try:
        current_app.send_task(task, args=list(args), retry=False)
    except OperationalError as error:
        log.warning("broker_unreachable", task=task, error=str(error))
