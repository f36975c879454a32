"""Old events leave for files that stay the beginning of the chain."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from apps.audit import guards, services
from apps.audit.models import AuditArchive, AuditEvent, AuditSeal, SealedEvent
from apps.audit.services import archiving, files
from apps.core.actor import system
from apps.core.errors import Conflict, Invalid
from tests.audit.tampering import behind_our_back
from tests.factories.parties import bare_actor

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2024, 3, 1, 12, tzinfo=UTC)
BEFORE = datetime(2024, 4, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def guarded(transactional_db: None) -> None:
    guards.install(connection)


@pytest.fixture(autouse=True)
def emptied(transactional_db: None) -> Any:
    from tests.audit.tampering import let_tables_be_emptied

    yield
    let_tables_be_emptied()


def write(count: int, at: datetime, *, seal: bool = True) -> None:
    from django.db import transaction

    with time_machine.travel(at, tick=False):
        entries = [
            services.Entry(target_type="thing", target_id=str(n), detail={"text": "é\n", "n": n})
            for n in range(count)
        ]
        with transaction.atomic():
            services.record_many(actor=bare_actor(roles=[]), action="tests.act", entries=entries)
        if seal:
            services.seal_new(everything=True)


def old_trail(seals: int = 3) -> None:
    """As many old seals of two events each, and a young one."""
    for n in range(seals):
        write(2, LONG_AGO + timedelta(days=n))
    write(1, datetime.now(UTC))


def archive(folder: Path, before: datetime = BEFORE) -> list[services.Archived]:
    return list(services.archive(actor=system("tests"), before=before, folder=folder))


def broken(folder: Path | None) -> str:
    findings = services.verify(archive=folder)
    return str(findings[0]) if findings else ""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_old_events_leave_for_a_file_and_the_chain_goes_on(tmp_path: Path) -> None:
    old_trail()
    head = bytes(AuditSeal.objects.get(number=2).mac).hex()
    (done,) = archive(tmp_path)
    assert (done.events, done.last_seal) == (6, 3)
    assert list(AuditSeal.objects.values_list("number", flat=True)) == [4]
    assert SealedEvent.objects.count() == 1
    kinds = [line["kind"] for line in lines(done.path)]
    assert kinds == ["archive", *["seal", "event", "event"] * 3, "end"]
    assert services.verify() == services.verify(archive=tmp_path, head=head) == []
    assert "--archive" in str(services.verify(head=head)[0])
    write(1, datetime.now(UTC))
    assert services.verify(archive=tmp_path) == []
    assert services.verify_newest(seals=9) == ([], 2)


def test_the_file_is_its_owners_alone_and_named_by_its_digest(tmp_path: Path) -> None:
    old_trail()
    (done,) = archive(tmp_path)
    anchor = AuditArchive.objects.get()
    assert done.path.name == anchor.name == "audit-000001-seals-1-3.jsonl"
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(done.path.read_bytes()).digest() == bytes(anchor.sha256)
    assert [path.name for path in tmp_path.iterdir()] == [anchor.name]


def test_archiving_is_recorded_itself(tmp_path: Path) -> None:
    old_trail()
    (done,) = archive(tmp_path)
    event = AuditEvent.objects.get(action="audit.archive")
    assert event.detail["seals"] == [1, 3]
    assert (event.target_id, event.detail["name"]) == ("1", done.path.name)


def test_a_second_run_finds_nothing_and_a_later_one_goes_on(tmp_path: Path) -> None:
    old_trail()
    archive(tmp_path, LONG_AGO + timedelta(days=1))
    assert archive(tmp_path, LONG_AGO + timedelta(days=1)) == []
    (second,) = archive(tmp_path)
    assert (second.path.name, second.events) == ("audit-000002-seals-2-3.jsonl", 4)
    assert broken(tmp_path) == ""


def test_many_events_go_into_several_files(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(archiving, "EVENTS_IN_A_FILE", 3)
    old_trail(5)
    assert [done.events for done in archive(tmp_path)] == [4, 4, 2]
    assert broken(tmp_path) == ""


def test_the_newest_seal_and_what_was_sealed_late_stay(tmp_path: Path) -> None:
    write(1, LONG_AGO)
    write(1, LONG_AGO, seal=False)
    write(1, BEFORE + timedelta(days=1), seal=False)
    with time_machine.travel(LONG_AGO + timedelta(days=2)):
        services.seal_new(everything=True)
    write(1, LONG_AGO + timedelta(days=3))
    assert [done.last_seal for done in archive(tmp_path)] == [1]
    assert archive(tmp_path, BEFORE + timedelta(days=9))[0].last_seal == 2
    assert archive(tmp_path, BEFORE + timedelta(days=9)) == []
    write(1, datetime.now(UTC))
    assert broken(tmp_path) == ""


@pytest.mark.parametrize(("days", "young"), [(364, True), (366, False)])
def test_what_the_retention_holds_stays(tmp_path: Path, days: int, young: bool) -> None:
    before = datetime.now(UTC) - timedelta(days=days)
    if young:
        with pytest.raises(Invalid, match="365 days stay"):
            archive(tmp_path, before)
    else:
        assert archive(tmp_path, before) == []


def test_no_setting_lets_the_last_month_go(tmp_path: Path, settings: Settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 0
    with pytest.raises(Invalid, match="31 days stay"):
        archive(tmp_path, datetime.now(UTC))


def test_a_trail_that_does_not_hold_is_not_archived(tmp_path: Path) -> None:
    old_trail()
    behind_our_back("UPDATE audit_auditevent SET reason = 'x' WHERE target_id = '1'")
    with pytest.raises(Conflict, match=r"Nothing was removed.*seal 1, event"):
        archive(tmp_path)
    assert AuditSeal.objects.count() == 4
    assert list(tmp_path.iterdir()) == []


STEPS = ["write", "put", "announce", "record"]


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_was_killed_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(*args: Any, **kwargs: Any) -> None:
        raise Killed

    old_trail()
    place = {"write": files, "put": files, "announce": guards, "record": archiving}[step]
    with monkeypatch.context() as patch:
        patch.setattr(place, step, kill)
        with pytest.raises(Killed):
            archive(tmp_path)
    assert AuditSeal.objects.count() == 4
    assert services.verify(archive=tmp_path) == []
    (done,) = archive(tmp_path)
    assert done.events == 6
    assert [path.name for path in tmp_path.iterdir()] == [done.path.name]
    assert broken(tmp_path) == ""


def test_another_file_of_the_name_is_not_written_over(tmp_path: Path) -> None:
    old_trail()
    there = tmp_path / "audit-000001-seals-1-3.jsonl"
    there.write_text("something else\n")
    with pytest.raises(Conflict):
        archive(tmp_path)
    assert there.read_text() == "something else\n"
    assert AuditSeal.objects.count() == 4


def test_of_two_runs_at_once_one_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_trail()
    real = archiving._remove
    second: list[services.Archived] = []

    def overtaken(*args: Any) -> None:
        monkeypatch.setattr(archiving, "_remove", real)
        second.extend(archive(tmp_path))
        real(*args)

    monkeypatch.setattr(archiving, "_remove", overtaken)
    with pytest.raises(Conflict, match="Another run"):
        archive(tmp_path)
    assert [done.events for done in second] == [6]
    assert AuditArchive.objects.count() == 1
    assert broken(tmp_path) == ""


def _without(kind: str) -> Callable[[list[bytes]], list[bytes]]:
    def change(found: list[bytes]) -> list[bytes]:
        place = next(n for n, line in enumerate(found) if f'"kind":"{kind}"'.encode() in line)
        return found[:place] + found[place + 1 :]

    return change


def _replaced(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda found: [line.replace(old, new) for line in found]


TAMPERED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "actor changed": (_replaced(b'"actorId":"bare"', b'"actorId":"evil"'), "seal 1, event"),
    "event removed": (_without("event"), "seal 1: covers 2 events, 1 are there"),
    "seal removed": (_without("seal"), "is not a file of the audit trail"),
    "header removed": (_without("archive"), "is not a file of the audit trail"),
    "end removed": (_without("end"), "its MAC does not fit"),
    "end changed": (_replaced(b'"events":6', b'"events":7'), "its MAC does not fit"),
    "cut": (lambda found: found[:4], "MAC does not fit"),
    "cut in a line": (lambda found: [*found[:4], found[4][:20]], "is not a file"),
    "more at its end": (lambda found: [*found, found[-1]], "is not a file"),
    "emptied": (lambda found: [], "is not a file"),
    "not JSON": (lambda found: [b"\xff\n"], "is not a file"),
    "blank added": (lambda found: [*found[:-1], found[-1][:-1] + b" \n"], "is not the file that"),
    "an event twice": (lambda found: [*found[:3], found[2], *found[3:]], "covers 2 events, 3"),
    "seals in another order": (
        lambda found: [found[0], *found[4:7], *found[1:4], *found[7:]],
        "seal 2: seal 1 is missing before it",
    ),
}


@pytest.mark.parametrize("case", sorted(TAMPERED))
def test_a_file_that_was_changed_is_found(tmp_path: Path, case: str) -> None:
    old_trail()
    (done,) = archive(tmp_path)
    change, expected = TAMPERED[case]
    done.path.write_bytes(b"".join(change(done.path.read_bytes().splitlines(keepends=True))))
    assert expected in broken(tmp_path)
    assert broken(None) == ""


def test_a_file_that_is_missing_is_found(tmp_path: Path) -> None:
    old_trail()
    archive(tmp_path, LONG_AGO + timedelta(days=1))
    archive(tmp_path)
    (tmp_path / "audit-000001-seals-1-1.jsonl").unlink()
    findings = [str(found) for found in services.verify(archive=tmp_path)]
    assert findings == ["archive 1: audit-000001-seals-1-1.jsonl is not in the folder"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"UPDATE {guards.ANCHORS} SET last_seal = 3 WHERE number = 1", "archive 1: its MAC"),
        (f"UPDATE {guards.ANCHORS} SET name = 'x' WHERE number = 1", "archive 1: its MAC"),
        (f"DELETE FROM {guards.ANCHORS} WHERE number = 1", "archive 2: archive 1 is missing"),
        (f"DELETE FROM {guards.ANCHORS}", "seal 4: seal 1 is missing before it"),
    ],
)
def test_an_anchor_that_was_changed_or_removed_is_found(
    tmp_path: Path, sql: str, expected: str
) -> None:
    old_trail()
    archive(tmp_path, LONG_AGO + timedelta(days=1))
    archive(tmp_path)
    behind_our_back(sql)
    assert expected in broken(None)


def test_seals_that_come_back_behind_their_anchor_are_found(tmp_path: Path) -> None:
    old_trail()
    archive(tmp_path)
    behind_our_back(f"UPDATE {guards.SEALS} SET number = 2")
    assert broken(None) == "seal 2: is in the database, and in an archive as well"


def test_the_commands_archive_verify_and_export(tmp_path: Path) -> None:
    old_trail()
    out = StringIO()
    call_command("export_audit", "--since=2024-03-02", "--until=2024-03-02", stdout=out)
    assert [json.loads(line)["at"][:10] for line in out.getvalue().splitlines()] == [
        "2024-03-02",
        "2024-03-02",
    ]
    call_command("archive_audit", before="2024-04-01", to=tmp_path, stdout=out)
    assert "6 events were archived" in out.getvalue()
    call_command("verify_audit", archive=tmp_path, stdout=out)
    assert "holds" in out.getvalue()
    next(tmp_path.iterdir()).write_bytes(b"")
    with pytest.raises(CommandError, match=r"first at audit-000001-seals-1-3\.jsonl"):
        call_command("verify_audit", archive=tmp_path, stdout=out, stderr=StringIO())


@pytest.mark.parametrize("before", ["yesterday", "2024-13-01", "2999-01-01"])
def test_the_command_says_what_is_wrong_with_the_day(tmp_path: Path, before: str) -> None:
    with pytest.raises(CommandError, match="day"):
        call_command("archive_audit", before=before, to=tmp_path)


def test_an_exported_line_says_for_which_organisation() -> None:
    write(1, LONG_AGO)
    out = StringIO()
    call_command("export_audit", stdout=out)
    line = json.loads(out.getvalue())
    assert (line["organization"], line["actorId"], line["targetId"]) == (1, "bare", "0")
