"""Jobs: every row is worked off once, whatever dies on the way, and the job ends once."""

import threading
from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.jobs import registry, services
from apps.jobs.models import Job, JobRow
from apps.jobs.services.rows import LEASE, MAX_ATTEMPTS
from tests.factories import parties

pytestmark = pytest.mark.django_db

KIND = registry.register("tests.kind", task="tests.work_off")


@pytest.fixture
def actor() -> Actor:
    return parties.person(organization=parties.organization(roles=[Role.MO]))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """What went to the broker."""
    messages: list[tuple[str, list[int]]] = []

    def send(name: str, args: list[int], **options: object) -> None:
        messages.append((name, args))

    monkeypatch.setattr(current_app, "send_task", send)
    return messages


def started(actor: Actor, rows: int = 3) -> Job:
    return services.start(
        actor=actor, kind=KIND, rows=[{"emaid": f"DEABC{n:09}"} for n in range(rows)]
    )


def lease(job: Job, limit: int = 10, now: datetime | None = None) -> list[services.LeasedRow]:
    return services.lease_rows(job_id=job.pk, limit=limit, now=now or timezone.now())


def test_a_job_runs_to_its_end_and_ends_once(actor: Actor) -> None:
    job = started(actor)
    one, two, three = lease(job)
    assert [row.number for row in (one, two, three)] == [1, 2, 3]
    assert one.input == {"emaid": "DEABC000000000"}
    services.finish_row(row=one)
    services.fail_row(row=two, code="pcid_unknown", message="There is no such vehicle.")
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (Job.State.RUNNING, 1, 1)
    services.finish_rows(rows=[three])
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (Job.State.DONE, 2, 1)
    assert job.finished_at is not None
    services.sweep(now=timezone.now() + timedelta(hours=1))
    assert AuditEvent.objects.filter(action="jobs.finish").count() == 1
    failed = JobRow.objects.get(state=JobRow.State.FAILED)
    assert (failed.code, failed.message) == ("pcid_unknown", "There is no such vehicle.")


def test_a_worker_is_asked_for_after_the_commit(
    actor: Actor, sent: list[tuple[str, list[int]]], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
        job = started(actor)
        assert sent == []
    assert sent == [("tests.work_off", [job.pk])]


def test_two_workers_never_hold_the_same_row(actor: Actor) -> None:
    job = started(actor, rows=5)
    now = timezone.now()
    one = lease(job, 3, now)
    two = lease(job, 3, now)
    assert {row.number for row in one} == {1, 2, 3}
    assert {row.number for row in two} == {4, 5}
    assert lease(job, 3, now) == []


def test_a_lease_that_ran_out_goes_to_another_and_its_old_holder_settles_nothing(
    actor: Actor,
) -> None:
    job = started(actor, rows=1)
    now = timezone.now()
    (old,) = lease(job, now=now)
    assert lease(job, now=now + LEASE) == []
    (new,) = lease(job, now=now + LEASE + timedelta(seconds=1))

    @transaction.atomic
    def work_too_late() -> None:
        Job.objects.filter(pk=job.pk).update(kind="an effect")
        services.finish_row(row=old)

    with pytest.raises(Conflict) as refused:
        work_too_late()
    assert refused.value.code == "lease_lost"
    job.refresh_from_db()
    assert job.kind == KIND
    services.finish_row(row=new)
    job.refresh_from_db()
    assert (job.done, job.state) == (1, Job.State.DONE)


def test_a_row_is_settled_once(actor: Actor) -> None:
    job = started(actor, rows=2)
    row, _ = lease(job)
    services.finish_row(row=row)
    with pytest.raises(Conflict):
        services.finish_row(row=row)
    with pytest.raises(Conflict):
        services.fail_row(row=row, code="late", message="")
    job.refresh_from_db()
    assert (job.done, job.failed) == (1, 0)


def test_a_batch_is_settled_whole_or_not_at_all(actor: Actor) -> None:
    job = started(actor, rows=2)
    rows = lease(job)
    services.finish_row(row=rows[0])
    with pytest.raises(Conflict):
        services.finish_rows(rows=rows)
    job.refresh_from_db()
    assert (job.done, job.state) == (1, Job.State.RUNNING)


def test_a_stranded_job_is_asked_for_again_and_a_busy_one_is_not(
    actor: Actor, sent: list[tuple[str, list[int]]], django_capture_on_commit_callbacks: object
) -> None:
    job = started(actor)
    now = timezone.now()

    def swept(later: float) -> list[tuple[str, list[int]]]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
            services.sweep(now=now + timedelta(seconds=later))
        return list(sent)

    assert swept(10) == []  # the message may still be on its way
    assert swept(31) == [("tests.work_off", [job.pk])]
    assert swept(40) == []
    lease(job, now=now + timedelta(seconds=50))
    assert swept(100) == []  # all rows are in hand
    assert swept(111) == [("tests.work_off", [job.pk])]


def test_a_row_that_kills_its_workers_is_failed(actor: Actor) -> None:
    job = started(actor, rows=2)
    now = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        (row, *_) = lease(job, 1, now)
        assert row.number == 1
        now += LEASE + timedelta(seconds=1)
    services.sweep(now=now)
    job.refresh_from_db()
    assert (job.failed, job.state) == (1, Job.State.RUNNING)
    assert JobRow.objects.get(number=1).code == "abandoned"
    assert [row.number for row in lease(job, now=now)] == [2]


def test_cancelling_stops_leases_and_waits_for_rows_in_hand(actor: Actor) -> None:
    job = started(actor)
    (row,) = lease(job, 1)
    services.request_cancel(actor=actor, job=job)
    assert job.state == Job.State.RUNNING
    assert lease(job) == []
    services.finish_row(row=row)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.CANCELLED, 1)
    with pytest.raises(Conflict):
        services.request_cancel(actor=actor, job=job)


def test_cancelling_a_job_with_nothing_in_hand_ends_it(actor: Actor) -> None:
    job = started(actor)
    services.request_cancel(actor=actor, job=job)
    assert job.state == Job.State.CANCELLED


def test_a_cancelled_job_whose_worker_died_is_closed_by_the_sweep(actor: Actor) -> None:
    job = started(actor)
    lease(job, 1)
    services.request_cancel(actor=actor, job=job)
    services.sweep(now=timezone.now() + LEASE + timedelta(seconds=1))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_cancelled_job_can_be_resumed_where_it_stopped(actor: Actor) -> None:
    job = started(actor)
    (row,) = lease(job, 1)
    services.finish_row(row=row)
    services.request_cancel(actor=actor, job=job)
    services.resume(actor=actor, job=job)
    rest = lease(job)
    assert [row.number for row in rest] == [2, 3]
    services.finish_rows(rows=rest)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.DONE, 3)
    with pytest.raises(Conflict):
        services.resume(actor=actor, job=job)


def test_only_the_own_organisation_cancels(actor: Actor) -> None:
    job = started(actor)
    stranger = parties.person(organization=parties.organization(roles=[Role.MO]))
    viewer = parties.person(organization=parties.organization(roles=[Role.MO]), right=Right.VIEWER)
    with pytest.raises(Forbidden):
        services.request_cancel(actor=stranger, job=job)
    with pytest.raises(Forbidden):
        services.start(actor=viewer, kind=KIND, rows=[{}])


@pytest.mark.parametrize("count", [0, 100_001])
def test_the_number_of_rows_is_bounded(actor: Actor, count: int) -> None:
    with pytest.raises(Invalid):
        services.start(actor=actor, kind=KIND, rows=[{}] * count)


def test_a_kind_needs_a_task_and_has_one(actor: Actor) -> None:
    with pytest.raises(LookupError):
        services.start(actor=actor, kind="nobody.knows", rows=[{}])
    with pytest.raises(ValueError, match="another task"):
        registry.register(KIND, task="tests.another")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_settle_every_row_once_and_end_the_job_once() -> None:
    job = started(parties.person(organization=parties.organization()), rows=60)
    held: list[int] = []

    def work() -> None:
        while rows := lease(job, 4):
            held.extend(row.number for row in rows)
            services.finish_rows(rows=rows)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    job.refresh_from_db()
    assert sorted(held) == list(range(1, 61))
    assert (job.done, job.state) == (60, Job.State.DONE)
    assert AuditEvent.objects.filter(action="jobs.finish").count() == 1
