"""Working off a job in chunks: over several workers, batch by batch, whatever breaks on the way."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from pytest_django import Settings

from apps.core.actor import Actor, Right, Role, system
from apps.core.errors import Conflict, DomainError, Invalid
from apps.jobs import registry, services
from apps.jobs.models import Job, JobRow
from apps.jobs.services import LeasedRow
from apps.jobs.services.rows import ALONE_AFTER, CHUNK, LEASE, MAX_ATTEMPTS
from apps.participants import services as participants
from apps.participants.models import Organization, User
from tests.factories import parties, trust

pytestmark = pytest.mark.django_db

KIND = registry.register("tests.chunks", task="tests.work_chunk")


@pytest.fixture
def organization() -> Organization:
    return parties.organization(roles=[Role.MO])


@pytest.fixture
def actor(organization: Organization) -> Actor:
    return parties.person(organization=organization)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that workers were asked for."""
    messages: list[int] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: messages.append(args[0]))
    return messages


@pytest.fixture(autouse=True)
def two_workers(settings: Settings) -> None:
    settings.JOB_WORKERS = 2


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def started(actor: Actor, rows: int) -> Job:
    return services.start(actor=actor, kind=KIND, rows=[{"n": n} for n in range(rows)])


def done(actor: Actor, rows: Sequence[LeasedRow]) -> None:
    services.settle_rows(outcomes=[(row, "") for row in rows])


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(("rows", "messages"), [(1, 1), (CHUNK, 1), (CHUNK + 1, 2), (9 * CHUNK, 2)])
def test_as_many_workers_are_asked_for_as_the_rows_are_worth(
    actor: Actor, sent: list[int], committed: Callable[[], Any], rows: int, messages: int
) -> None:
    with committed():
        job = started(actor, rows)
    assert sent == [job.pk] * messages


def test_a_worker_does_a_chunk_in_batches_and_comes_back_for_the_next(
    actor: Actor, sent: list[int], committed: Callable[[], Any]
) -> None:
    job = started(actor, CHUNK + 30)
    sizes: list[int] = []

    def settle(actor: Actor, rows: Sequence[LeasedRow]) -> None:
        sizes.append(len(rows))
        done(actor, rows)

    with committed():
        services.work(job_id=job.pk, settle_batch=settle, batch_size=150)
    assert sizes == [150, 50]
    assert sent == [job.pk]
    assert again(job).done == CHUNK
    sent.clear()
    with committed():
        services.work(job_id=job.pk, settle_batch=settle, batch_size=150)
    assert (again(job).state, job.done, sent) == (Job.State.DONE, CHUNK + 30, [])


def test_a_message_too_many_finds_the_job_crowded_and_goes_away(
    actor: Actor, sent: list[int], committed: Callable[[], Any]
) -> None:
    job = started(actor, 10)
    now = timezone.now()
    for _ in range(2):
        assert services.lease_rows(job_id=job.pk, limit=2, now=now)
    with committed():
        services.work(job_id=job.pk, settle_batch=done)
    assert (again(job).done, sent) == (0, [])


def test_a_job_that_lost_a_worker_gets_another(
    actor: Actor, sent: list[int], committed: Callable[[], Any]
) -> None:
    job = started(actor, 5 * CHUNK)
    now = timezone.now()
    services.lease_rows(job_id=job.pk, limit=CHUNK, now=now)
    with committed():
        services.sweep(now=now + timedelta(seconds=1))
    assert sent == [job.pk]
    services.lease_rows(job_id=job.pk, limit=CHUNK, now=now)
    sent.clear()
    with committed():
        services.sweep(now=now + timedelta(seconds=2))
    assert sent == []


def test_cancelling_stops_after_the_batch_in_hand(actor: Actor) -> None:
    job = started(actor, 100)

    def settle(worker: Actor, rows: Sequence[LeasedRow]) -> None:
        services.request_cancel(actor=actor, job=job)
        done(worker, rows)

    services.work(job_id=job.pk, settle_batch=settle, batch_size=10)
    assert (again(job).state, job.done) == (Job.State.CANCELLED, 10)


def test_the_rights_of_today_count_for_each_batch(organization: Organization) -> None:
    actor = parties.person(organization=organization)
    user = User.objects.get(pk=actor.identifier)
    job = started(actor, 20)

    def settle(worker: Actor, rows: Sequence[LeasedRow]) -> None:
        assert worker.right is Right.EDITOR
        participants.remove_member(
            actor=trust.operator_person(), organization=organization, user=user
        )
        done(worker, rows)

    services.work(job_id=job.pk, settle_batch=settle, batch_size=10)
    assert (again(job).done, job.failed) == (10, 10)
    codes = JobRow.objects.filter(state=JobRow.State.FAILED).values_list("code", flat=True)
    assert set(codes) == {"not_a_member"}


def test_an_error_fails_what_is_still_in_hand_and_nothing_that_was_settled(actor: Actor) -> None:
    job = started(actor, 5)

    def settle(worker: Actor, rows: Sequence[LeasedRow]) -> None:
        done(worker, rows[:2])
        raise Invalid("no_signer", "Nobody signs.")

    services.work(job_id=job.pk, settle_batch=settle)
    assert (again(job).state, job.done, job.failed) == (Job.State.DONE, 2, 3)
    assert set(job.rows.values_list("number", "code")) == {
        (1, ""),
        (2, ""),
        *((number, "no_signer") for number in (3, 4, 5)),
    }


def test_rows_that_another_took_over_are_left_to_it(actor: Actor) -> None:
    job = started(actor, 4)

    def settle(worker: Actor, rows: Sequence[LeasedRow]) -> None:
        later = timezone.now() + LEASE + timedelta(seconds=1)
        taken = services.lease_rows(job_id=job.pk, limit=1, now=later)
        assert [row.number for row in taken] == [1]
        done(worker, rows)

    services.work(job_id=job.pk, settle_batch=settle)
    assert (again(job).done, job.failed) == (0, 0)


def test_a_lease_is_renewed_only_by_its_holder(actor: Actor) -> None:
    job = started(actor, 2)
    now = timezone.now()
    rows = services.lease_rows(job_id=job.pk, limit=2, now=now - LEASE + timedelta(seconds=5))
    services.renew(rows=rows)
    assert services.lease_rows(job_id=job.pk, limit=2, now=now + LEASE / 2) == []
    later = now + LEASE + timedelta(seconds=30)
    assert len(services.lease_rows(job_id=job.pk, limit=2, now=later)) == 2
    with pytest.raises(Conflict):
        services.renew(rows=rows)


def test_rows_are_settled_each_with_its_own_outcome(actor: Actor) -> None:
    job = started(actor, 4)
    rows = services.lease_rows(job_id=job.pk, limit=4, now=timezone.now())
    outcomes: list[str | DomainError] = [
        "Published.",
        Invalid("pcid", "No PCID."),
        "Published.",
        Invalid("expired", "It expired."),
    ]
    services.settle_rows(outcomes=list(zip(rows, outcomes, strict=True)))
    assert list(job.rows.values_list("state", "code", "message")) == [
        ("done", "", "Published."),
        ("failed", "pcid", "No PCID."),
        ("done", "", "Published."),
        ("failed", "expired", "It expired."),
    ]
    assert (again(job).state, job.done, job.failed) == (Job.State.DONE, 2, 2)


def test_a_row_that_kills_its_workers_takes_no_others_down_with_it(actor: Actor) -> None:
    job = started(actor, 4)
    now = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        # Rows 2 to 4 are taken along twice, and then are settled by somebody who survives.
        rows = services.lease_rows(job_id=job.pk, limit=4, now=now)
        assert rows[0].number == 1
        now += LEASE + timedelta(seconds=1)
    assert [row.number for row in rows] == [1]
    assert set(JobRow.objects.values_list("number", "attempts")) == {
        (1, MAX_ATTEMPTS),
        *((number, ALONE_AFTER) for number in (2, 3, 4)),
    }
    services.sweep(now=now)
    for number in (2, 3, 4):
        rows = services.lease_rows(job_id=job.pk, limit=4, now=now)
        assert [row.number for row in rows] == [number]
        done(actor, rows)
    assert (again(job).state, job.done, job.failed) == (Job.State.DONE, 3, 1)


def test_what_plugpool_itself_started_is_worked_off_as_plugpool(actor: Actor) -> None:
    job = started(system("tests"), 1)
    seen: list[Actor] = []

    def settle(worker: Actor, rows: Sequence[LeasedRow]) -> None:
        seen.append(worker)
        done(worker, rows)

    services.work(job_id=job.pk, settle_batch=settle)
    assert seen == [system("tests")]


def test_a_job_that_is_gone_is_no_work() -> None:
    services.work(job_id=4711, settle_batch=done)
