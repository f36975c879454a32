"""Many rows in one statement: what comes out is what went in, whatever is in the values."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEvent
from apps.core import bulk
from apps.jobs.models import Job, JobRow
from apps.participants.models import Organization
from tests.factories import parties

pytestmark = [pytest.mark.django_db]

ODD = "tab\t line\n return\r back\\slash \\N 'quote' \"double\" %s {braces} Zürich 電"
AT = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
MANY = bulk.FEW * 3


def job() -> Job:
    return Job.objects.create(kind="tests.bulk", started_by_label=ODD, total=MANY)


def events(organization: Organization) -> list[AuditEvent]:
    return [
        AuditEvent(
            at=AT,
            actor_kind="system",
            actor_id="tests",
            actor_label=ODD,
            organization_id=organization.pk if number % 2 else None,
            action="tests.bulk",
            target_type="row",
            target_id=str(number),
            result=AuditEvent.Result.REFUSED,
            detail={"text": ODD, "list": [1, None, True], "number": number},
            key_version=1,
            mac=bytes(range(256))[number : number + 32],
        )
        for number in range(MANY)
    ]


def values(event: AuditEvent) -> dict[str, Any]:
    found = {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
    return found | {"mac": bytes(event.mac)}


def test_what_is_read_is_what_was_written() -> None:
    written = events(parties.organization())
    with transaction.atomic():
        bulk.insert(written)
    read = {event.pk: event for event in AuditEvent.objects.filter(action="tests.bulk")}
    assert len(read) == MANY
    for event in written:
        assert values(read[event.pk]) == values(event)
        assert read[event.pk].target_id == event.target_id


@pytest.mark.parametrize("count", [0, 1, bulk.FEW - 1, bulk.FEW, MANY])
def test_every_row_gets_its_own_key_in_its_order(count: int) -> None:
    held = job()
    rows = [JobRow(job=held, number=number, input={"text": ODD}) for number in range(count)]
    bulk.insert(rows)
    keys = [row.pk for row in rows]
    assert keys == sorted(set(keys))
    assert len(keys) == count
    stored = JobRow.objects.filter(job=held).order_by("number")
    assert [(row.pk, row.input, row.lease) for row in stored] == [
        (key, {"text": ODD}, None) for key in keys
    ]
    # Others follow: no key is given twice.
    assert JobRow.objects.create(job=held, number=count).pk not in keys


def test_a_row_that_is_there_already_is_an_integrity_error() -> None:
    held = job()
    rows = [JobRow(job=held, number=number) for number in range(MANY)]
    rows[-1].number = 0
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(rows)
    assert not JobRow.objects.filter(job=held).exists()


def test_times_that_are_set_on_the_way_in_are_set() -> None:
    made = [Job(kind="tests.bulk", total=number) for number in range(MANY)]
    bulk.insert(made)
    stored = Job.objects.filter(kind="tests.bulk")
    assert all(one.created_at and one.updated_at for one in stored)
    assert {one.uuid for one in stored} == {one.uuid for one in made}
    assert all(one.finished_at is None and one.cancel_requested is False for one in stored)


def test_what_was_inserted_counts_as_stored() -> None:
    made = [Job(kind="tests.bulk", total=number) for number in range(MANY)]
    bulk.insert(made)
    made[0].total = 4711
    made[0].save()
    assert Job.objects.filter(kind="tests.bulk").count() == MANY


@pytest.mark.parametrize("count", [1, bulk.FEW - 1, MANY])
def test_rows_are_changed_where_they_still_are_as_they_were(count: int) -> None:
    held = job()
    rows = [JobRow(job=held, number=number) for number in range(count + 1)]
    bulk.insert(rows)
    *changed, left = rows
    JobRow.objects.filter(pk=changed[0].pk).update(state=JobRow.State.DONE)
    for row in rows:
        row.state, row.message, row.code = JobRow.State.FAILED, f"{ODD} {row.number}", "not this"
    written = bulk.update(changed, fields=["state", "message"], where={"state": "waiting"})
    assert written == count - 1
    assert list(JobRow.objects.order_by("number").values_list("state", "message", "code")) == [
        ("done", "", ""),
        *(("failed", f"{ODD} {number}", "") for number in range(1, count)),
        ("waiting", "", ""),
    ]
    assert left.pk is not None


def test_octets_and_nothing_are_written_as_well() -> None:
    written = [Organization(name=f"Party {number}") for number in range(MANY)]
    bulk.insert(written)
    made = [Job(kind="tests.bulk", organization=one) for one in written]
    bulk.insert(made)
    for number, one in enumerate(made):
        one.finished_at = AT if number % 2 else None
        one.organization = None if number % 3 else one.organization
    assert bulk.update(made, fields=["finished_at", "organization"], where={}) == MANY
    stored = Job.objects.filter(kind="tests.bulk").in_bulk()
    for one in made:
        assert (stored[one.pk].finished_at, stored[one.pk].organization_id) == (
            one.finished_at,
            one.organization_id,
        )
    assert bulk.update([], fields=["total"], where={}) == 0
