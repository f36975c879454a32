"""The chain of seals: whatever is changed, removed, added or reordered behind our back is found."""

import base64
import json
import threading
import uuid
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from apps.audit import services
from apps.audit.models import AuditEvent, AuditSeal, SealedEvent
from apps.audit.services import sealing
from tests.audit.tampering import behind_our_back
from tests.factories.parties import bare_actor

pytestmark = pytest.mark.django_db

EVENTS, SEALS, LINKS = "audit_auditevent", "audit_auditseal", "audit_sealedevent"


def write(count: int = 3) -> list[AuditEvent]:
    return services.record_many(
        actor=bare_actor(roles=[]),
        action="tests.act",
        entries=[
            services.Entry(target_type="thing", target_id=str(n), detail={"n": n})
            for n in range(count)
        ],
    )


def broken() -> str:
    findings = services.verify()
    return str(findings[0]) if findings else ""


def test_each_seal_covers_what_came_since_the_last() -> None:
    write(3)
    assert services.seal_new() == 3
    assert services.seal_new() == 0
    write(2)
    assert services.seal_new() == 2
    assert list(AuditSeal.objects.order_by("number").values_list("number", "events")) == [
        (1, 3),
        (2, 2),
    ]
    assert services.verify() == []


CHANGES: dict[str, Any] = {
    "uuid": uuid.uuid4().hex,
    "at": "2020-01-01 00:00:00+00:00",
    "actor_kind": "person",
    "actor_id": "somebody",
    "actor_label": "Somebody",
    "organization_id": 99,
    "action": "tests.other",
    "target_type": "other",
    "target_id": "other",
    "result": "refused",
    "reason": "because",
    "detail": json.dumps({"n": 99}),
    "request_id": "other",
    "key_version": 2,
    "mac": b"\0" * 32,
}


def test_the_changes_below_are_of_every_column() -> None:
    columns = {field.name for field in AuditEvent._meta.fields}
    assert set(CHANGES) == columns - {"id"}


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("column", sorted(CHANGES))
def test_a_changed_column_of_an_event_is_found(column: str, sealed: bool) -> None:
    event = write()[1]
    if sealed:
        services.seal_new()
    assert services.verify() == []
    behind_our_back(f"UPDATE {EVENTS} SET {column} = %s WHERE id = %s", CHANGES[column], event.pk)
    assert f"event {event.pk}" in broken()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2020-01-01 00:00:00+00:00"),
        ("reaches", "2020-01-01 00:00:00+00:00"),
        ("events", 2),
        ("digest", b"\0" * 32),
        ("key_version", 2),
        ("mac", b"\0" * 32),
        ("number", 9),
    ],
)
def test_a_changed_column_of_a_seal_is_found(column: str, value: Any) -> None:
    write()
    services.seal_new()
    write()
    services.seal_new()
    behind_our_back(f"UPDATE {SEALS} SET {column} = %s WHERE number = 1", value)
    assert "seal" in broken()


def test_a_removed_event_is_found_with_its_seal() -> None:
    event = write()[1]
    services.seal_new()
    behind_our_back(f"DELETE FROM {LINKS} WHERE event_id = %s", event.pk)
    behind_our_back(f"DELETE FROM {EVENTS} WHERE id = %s", event.pk)
    assert broken() == "seal 1: covers 3 events, 2 are there"


def test_an_event_moved_to_another_seal_is_found() -> None:
    event = write()[0]
    services.seal_new()
    write()
    services.seal_new()
    second = AuditSeal.objects.get(number=2)
    behind_our_back(f"UPDATE {LINKS} SET seal_id = %s WHERE event_id = %s", second.pk, event.pk)
    assert broken().startswith("seal 1")


def test_two_events_that_changed_places_are_found() -> None:
    one, two, _ = write()
    services.seal_new()
    for row, placeholder in ((one.pk, -1), (two.pk, one.pk), (-1, two.pk)):
        behind_our_back(f"UPDATE {LINKS} SET event_id = %s WHERE event_id = %s", placeholder, row)
        behind_our_back(f"UPDATE {EVENTS} SET id = %s WHERE id = %s", placeholder, row)
    assert AuditEvent.objects.get(pk=one.pk).target_id == "1"
    assert "reordered" in broken()


def test_two_seals_that_changed_places_are_found() -> None:
    for _ in range(2):
        write()
        services.seal_new()
    for old, new in ((1, 99), (2, 1), (99, 2)):
        behind_our_back(f"UPDATE {SEALS} SET number = %s WHERE number = %s", new, old)
    assert broken().startswith("seal 1: its MAC")


def test_a_removed_seal_is_found_even_with_all_its_events() -> None:
    for _ in range(3):
        write()
        services.seal_new()
    seal = AuditSeal.objects.get(number=2)
    events = list(SealedEvent.objects.filter(seal=seal).values_list("pk", flat=True))
    behind_our_back(f"DELETE FROM {LINKS} WHERE seal_id = %s", seal.pk)
    behind_our_back(f"DELETE FROM {SEALS} WHERE id = %s", seal.pk)
    for event in events:
        behind_our_back(f"DELETE FROM {EVENTS} WHERE id = %s", event)
    assert broken() == "seal 3: seal 2 is missing before it"


def test_seals_cut_off_at_the_end_are_found_with_a_head_from_the_log() -> None:
    write()
    services.seal_new()
    write()
    services.seal_new()
    last = AuditSeal.objects.get(number=2)
    head = bytes(last.mac).hex()
    assert services.verify(head=head) == []
    behind_our_back(f"DELETE FROM {LINKS} WHERE seal_id = %s", last.pk)
    behind_our_back(f"DELETE FROM {SEALS} WHERE id = %s", last.pk)
    assert services.verify() == []
    assert "cut off" in str(services.verify(head=head.upper())[0])


def test_an_inserted_event_is_found() -> None:
    event = write()[0]
    columns = "at, actor_kind, actor_id, actor_label, organization_id, action, target_type"
    columns += ", target_id, result, reason, detail, request_id, key_version, mac"
    behind_our_back(
        f"INSERT INTO {EVENTS} (uuid, {columns}) SELECT %s, {columns} FROM {EVENTS} WHERE id = %s",
        uuid.uuid4().hex,
        event.pk,
    )
    assert "not sealed yet" in broken()


def write_as_of(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write an event that was recorded then and is committed only now."""
    monkeypatch.setattr("apps.audit.services.recording.timezone.now", lambda: moment)
    write(1)
    monkeypatch.undo()


def test_an_event_that_was_committed_late_is_sealed_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(1)
    services.seal_new()
    write_as_of(timezone.now() - sealing.LATE + timedelta(seconds=5), monkeypatch)
    assert services.seal_new() == 1
    assert services.verify() == []


def test_an_event_older_than_the_quick_look_is_sealed_by_the_full_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(1)
    services.seal_new()
    write_as_of(timezone.now() - sealing.LATE - timedelta(seconds=5), monkeypatch)
    assert services.seal_new() == 0
    assert services.seal_new(everything=True) == 1
    assert services.verify() == []


def test_a_backlog_is_sealed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    write(5)
    assert services.seal_new() == 5
    assert list(AuditSeal.objects.order_by("number").values_list("events", flat=True)) == [2, 2, 1]
    assert services.verify() == []


def test_a_sealer_that_lost_the_race_leaves_the_batch_to_the_winner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(2)
    services.seal_new()
    before = AuditSeal.objects.get()
    write(2)
    real = sealing._insert_seal

    def overtaken(last: Any, ordered: Any, newest: Any) -> AuditSeal:
        monkeypatch.setattr(sealing, "_insert_seal", real)
        real(before, [], newest)  # another process takes the next number
        return real(last, ordered, newest)

    monkeypatch.setattr(sealing, "_insert_seal", overtaken)
    assert services.seal_new() == 0
    assert services.seal_new() == 2
    assert services.verify() == []


def test_keys_are_rolled_without_losing_what_they_made(settings: Settings) -> None:
    write()
    services.seal_new()
    settings.AUDIT_KEYS = [*settings.AUDIT_KEYS, "2:" + base64.b64encode(b"b" * 32).decode()]
    (event,) = write(1)
    assert event.key_version == 2
    services.seal_new()
    assert services.verify() == []
    settings.AUDIT_KEYS = settings.AUDIT_KEYS[1:]
    assert "seal 1" in broken()


def test_the_command_names_the_first_break() -> None:
    write()
    services.seal_new()
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "holds" in out.getvalue()
    behind_our_back(f"UPDATE {EVENTS} SET actor_id = 'x' WHERE target_id = '1'")
    with pytest.raises(CommandError, match=r"first at seal 1, event \d+"):
        call_command("verify_audit", stdout=out, stderr=StringIO())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_seal_every_event_once() -> None:
    with transaction.atomic():
        write(50)

    def seal() -> None:
        services.seal_new()
        connection.close()

    sealers = [threading.Thread(target=seal) for _ in range(5)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    services.seal_new()
    assert SealedEvent.objects.count() == 50
    assert services.verify() == []
