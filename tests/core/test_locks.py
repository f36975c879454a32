"""Locks on names: two writers of one PCID never work at the same time."""

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from apps.core import locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_name_is_held_until_the_transaction_ends() -> None:
    held, release = threading.Event(), threading.Event()

    def holder() -> None:
        with transaction.atomic():
            locks.hold("pcid:A")
            held.set()
            release.wait(10)

    thread = in_thread(holder)
    held.wait(10)

    @transaction.atomic
    def impatient() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        locks.hold("pcid:B")  # another name is free
        locks.hold("pcid:A")

    with pytest.raises(OperationalError):
        impatient()
    release.set()
    thread.join()
    impatient()


def test_a_name_is_shared_until_somebody_wants_it_alone() -> None:
    held, release = threading.Event(), threading.Event()

    def holder() -> None:
        with transaction.atomic():
            locks.hold_all(["pcid:A"], shared=["revocation"])
            held.set()
            release.wait(10)

    thread = in_thread(holder)
    held.wait(10)

    @transaction.atomic
    def impatient(*, alone: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        locks.hold_all(["revocation"] if alone else [], shared=["revocation"])

    impatient(alone=False)
    with pytest.raises(OperationalError):
        impatient(alone=True)
    release.set()
    thread.join()
    impatient(alone=True)


def test_batches_in_opposite_order_do_not_wait_for_each_other() -> None:
    names = [f"pcid:{number}" for number in range(50)]
    failures: list[Exception] = []

    def work(order: list[str]) -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    locks.hold_all(order)
        except OperationalError as error:
            failures.append(error)

    threads = [in_thread(lambda: work(names)), in_thread(lambda: work(names[::-1]))]
    for thread in threads:
        thread.join()
    assert failures == []
