"""Jobs over REST (ours): how far they are, what became of each row, and stopping them."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from apps.core.actor import Role
from apps.core.errors import Invalid
from apps.jobs import registry, services
from apps.jobs.models import Job
from tests.factories import parties
from tests.factories.calls import Caller

pytestmark = pytest.mark.django_db

KIND = registry.register("tests.api", task="tests.api_rows", columns=("pcid",))


@pytest.fixture
def caller() -> Caller:
    return Caller(parties.organization(roles=[Role.MO]))


def started(caller: Caller, rows: int = 5) -> Job:
    given = [{"pcid": f"WVW{n:014}", "vehicle": "certificate"} for n in range(rows)]
    return services.start(
        actor=parties.actor(organization=caller.organization), kind=KIND, rows=given
    )


def settled(job: Job) -> None:
    """The first two rows are done, the third failed."""
    rows = services.lease_rows(job_id=job.pk, limit=3, now=timezone.now())
    services.settle_rows(
        outcomes=[
            (rows[0], "Published."),
            (rows[1], "Renewed."),
            (rows[2], Invalid("expired", "It expired.")),
        ]
    )


def answer(caller: Caller, path: str) -> Any:
    response = caller.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_job_tells_how_far_it_is_and_what_became_of_its_rows(caller: Caller) -> None:
    job = started(caller)
    settled(job)
    found = answer(caller, f"/v1/jobs/{job.uuid}")
    assert found["id"] == str(job.uuid)
    assert (found["state"], found["total"], found["done"], found["failed"]) == ("running", 5, 2, 1)
    assert found["startedBy"] == {"kind": "client", "name": job.started_by_label}
    assert found["created"].endswith("Z")
    assert found["finished"] is None
    assert found["next"] is None
    assert found["rows"][2] == {
        "number": 3,
        "names": {"pcid": "WVW00000000000002"},
        "state": "failed",
        "code": "expired",
        "message": "It expired.",
    }
    assert [row["message"] for row in found["rows"]] == [
        "Published.",
        "Renewed.",
        "It expired.",
        "",
        "",
    ]


def test_rows_come_in_pages_that_go_on_after_the_last(caller: Caller) -> None:
    job = started(caller)
    settled(job)
    numbers: list[int] = []
    after: int | None = 0
    while after is not None:
        page = answer(caller, f"/v1/jobs/{job.uuid}?limit=2&after={after}")
        numbers += [row["number"] for row in page["rows"]]
        after = page["next"]
    assert numbers == [1, 2, 3, 4, 5]
    failed = answer(caller, f"/v1/jobs/{job.uuid}?state=failed")
    assert [row["number"] for row in failed["rows"]] == [3]


@pytest.mark.parametrize(
    "query", ["limit=201", "limit=-1", "after=x", "state=lost", "after=9999999"]
)
def test_pages_are_bounded(caller: Caller, query: str) -> None:
    assert caller.get(f"/v1/jobs/{started(caller).uuid}?{query}").status_code == 400


def test_the_newest_jobs_are_listed_and_foreign_ones_are_not(caller: Caller) -> None:
    jobs = [started(caller, 1) for _ in range(3)]
    foreign = started(Caller(parties.organization(roles=[Role.MO])), 1)
    found = answer(caller, "/v1/jobs")["jobs"]
    assert [one["id"] for one in found] == [str(job.uuid) for job in reversed(jobs)]
    assert "rows" not in found[0]
    page = answer(caller, f"/v1/jobs?limit=1&before={jobs[2].uuid}")["jobs"]
    assert [one["id"] for one in page] == [str(jobs[1].uuid)]
    assert caller.get(f"/v1/jobs?before={foreign.uuid}").status_code == 404


@pytest.mark.parametrize("tail", ["", "/cancel"])
def test_a_foreign_job_is_as_unknown_as_a_wrong_id(caller: Caller, tail: str) -> None:
    foreign = started(Caller(parties.organization(roles=[Role.MO])))
    call = caller.post if tail else caller.get
    for identifier in (foreign.uuid, uuid.uuid4(), "nonsense"):
        response = call(f"/v1/jobs/{identifier}{tail}", *([{}] if tail else []))
        assert response.status_code == 404
        assert response.json()["errorMessages"] == ["There is no such job."]
    foreign.refresh_from_db()
    assert not foreign.cancel_requested


def test_a_job_is_stopped_once(caller: Caller) -> None:
    job = started(caller)
    response = caller.post(f"/v1/jobs/{job.uuid}/cancel", {})
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    assert caller.post(f"/v1/jobs/{job.uuid}/cancel", {}).status_code == 409
