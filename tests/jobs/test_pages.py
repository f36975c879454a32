"""The page of a job: live until its end, with what failed, and buttons for its own people."""

from collections.abc import Sequence

import pytest
from django.test import Client
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.core.errors import Conflict, Forbidden
from apps.jobs import registry, services
from apps.jobs.models import Job, JobRow
from apps.jobs.selectors import starter
from apps.participants.models import Organization
from tests.factories import parties, trust

pytestmark = pytest.mark.django_db

KIND = registry.register(
    "tests.pages", task="tests.pages", title="Import of tests", columns=("pcid",)
)


@pytest.fixture
def organization() -> Organization:
    return parties.organization()


@pytest.fixture
def actor(organization: Organization) -> Actor:
    return parties.person(organization=organization)


def browser(organization: Organization, right: Right = Right.EDITOR) -> Client:
    client = Client()
    user = parties.member(organization=organization, right=right)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def started(actor: Actor, count: int = 3) -> Job:
    rows = [{"pcid": f"WVW{n:014}", "vehicle": "c2VjcmV0"} for n in range(count)]
    return services.start(actor=actor, kind=KIND, rows=rows)


def settle(job: Job, fail: Sequence[int] = (), limit: int = 100) -> None:
    """Work rows off; those of these numbers fail."""
    for row in services.lease_rows(job_id=job.pk, limit=limit, now=timezone.now()):
        if row.number in fail:
            services.fail_row(row=row, code="expired", message=f"Row {row.number} is <late>.")
        else:
            services.finish_row(row=row)
    job.refresh_from_db()


def page(client: Client, job: Job, tail: str = "") -> tuple[int, str]:
    answer = client.get(f"/jobs/{job.uuid}/{tail}")
    return answer.status_code, answer.content.decode()


def test_an_open_job_is_asked_for_again_until_it_is_over(
    organization: Organization, actor: Actor
) -> None:
    job, client = started(actor), browser(organization)
    settle(job, fail=[1], limit=2)
    status, text = page(client, job)
    assert status == 200
    assert "Import of tests" in text
    assert f'hx-get="/jobs/{job.uuid}/progress/"' in text
    assert 'aria-valuenow="2"' in text
    assert "2 of 3 rows" in text
    assert "You may leave this page. The work goes on." in text
    status, live = page(client, job, "progress/")
    assert status == 200
    assert 'aria-valuenow="2"' in live
    assert "<html" not in live
    assert "Row 1 is &lt;late&gt;." in live
    settle(job)
    status, over = page(client, job, "progress/")
    assert status == 286
    assert 'aria-valuenow="3"' in over
    assert "Finished, with rows that failed." in over
    assert "Try the failed rows again" in over
    assert "progress/" not in page(client, job)[1]


def test_failed_rows_are_named_and_given_as_a_file_without_their_certificates(
    organization: Organization, actor: Actor
) -> None:
    job, client = started(actor, 60), browser(organization)
    settle(job, fail=range(1, 56))
    text = page(client, job)[1]
    assert "WVW00000000000049" in text
    assert "WVW00000000000050" not in text
    assert "the first 50" in text
    answer = client.get(f"/jobs/{job.uuid}/failed.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "row,pcid,code,reason"
    assert lines[1] == "1,WVW00000000000000,expired,Row 1 is <late>."
    assert len(lines) == 56
    assert "c2VjcmV0" not in text + answer.getvalue().decode()


def test_failed_rows_are_tried_again_and_nothing_else_is(
    organization: Organization, actor: Actor
) -> None:
    job, client = started(actor), browser(organization)
    settle(job, fail=[2])
    answer = client.post(f"/jobs/{job.uuid}/retry/", follow=True)
    assert "The failed rows are tried again." in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (Job.State.WAITING, 2, 0)
    waiting = job.rows.get(state=JobRow.State.WAITING)
    assert (waiting.number, waiting.attempts, waiting.code) == (2, 0, "")
    assert AuditEvent.objects.filter(action="jobs.retry").count() == 1
    settle(job)
    assert (job.state, job.done, job.failed) == (Job.State.DONE, 3, 0)
    assert client.post(f"/jobs/{job.uuid}/retry/").status_code == 409


def test_a_job_is_stopped_and_resumed(organization: Organization, actor: Actor) -> None:
    job, client = started(actor), browser(organization)
    assert f'action="/jobs/{job.uuid}/stop/"' in page(client, job)[1]
    assert client.post(f"/jobs/{job.uuid}/stop/").status_code == 302
    text = page(client, job)[1]
    assert "Stopped. What is done stays done." in text
    assert f'action="/jobs/{job.uuid}/stop/"' not in text
    assert client.post(f"/jobs/{job.uuid}/resume/").status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    assert client.post(f"/jobs/{job.uuid}/resume/").status_code == 409


@pytest.mark.parametrize("key", ["stop", "resume", "retry"])
def test_others_see_no_buttons_and_change_nothing(
    organization: Organization, actor: Actor, key: str
) -> None:
    job = started(actor)
    settle(job, fail=[1])
    operator = browser(trust.operator(), Right.ADMIN)
    viewer = browser(organization, Right.VIEWER)
    for client in (operator, viewer):
        text = page(client, job)[1]
        assert "Rows that failed" in text
        assert f"/jobs/{job.uuid}/{key}/" not in text
        assert client.post(f"/jobs/{job.uuid}/{key}/").status_code == 403
    stranger = browser(parties.organization(roles=[Role.MO]))
    assert stranger.post(f"/jobs/{job.uuid}/{key}/").status_code == 404
    job.refresh_from_db()
    assert (job.state, job.failed) == (Job.State.DONE, 1)


def test_a_foreign_job_is_as_unknown_as_a_wrong_one(actor: Actor) -> None:
    job, stranger = started(actor), browser(parties.organization(roles=[Role.MO]))
    for tail in ("", "progress/", "failed.csv"):
        foreign = stranger.get(f"/jobs/{job.uuid}/{tail}")
        unknown = stranger.get(f"/jobs/00000000-0000-4000-8000-000000000000/{tail}")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content


def test_the_service_asks_rights_and_state_itself(actor: Actor) -> None:
    job = started(actor)
    with pytest.raises(Conflict) as early:
        services.retry_failed(actor=actor, job=job)
    assert early.value.code == "job_not_over"
    settle(job)
    with pytest.raises(Conflict) as nothing:
        services.retry_failed(actor=actor, job=job)
    assert nothing.value.code == "nothing_failed"
    stranger = parties.person(organization=parties.organization())
    with pytest.raises(Forbidden):
        services.retry_failed(actor=stranger, job=job)


def test_rows_are_worked_off_with_the_rights_of_today(
    organization: Organization, actor: Actor
) -> None:
    job = started(actor)
    assert starter(job) == actor
    Organization.objects.filter(pk=organization.pk).update(active=False)
    job = Job.objects.select_related("organization").get(pk=job.pk)
    with pytest.raises(Forbidden):
        starter(job)
