"""The database itself refuses to change, remove or empty the audit trail."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.audit import guards, services
from apps.audit.models import AuditEvent, AuditSeal
from tests.audit.tampering import without_guards
from tests.factories.parties import bare_actor

pytestmark = pytest.mark.django_db

OLD = timedelta(days=400)


@pytest.fixture(autouse=True)
def guarded(db: None) -> None:
    """Whatever tables this pass has, they have their triggers now."""
    guards.install(connection)


def sealed() -> None:
    services.record(actor=bare_actor(roles=[]), action="tests.act", target_type="t", target_id="1")
    services.seal_new()


def anchor(last_seal: int) -> None:
    """An anchor as somebody with the database, but without the audit key, can make one."""
    columns = "number, at, name, sha256, first_seal, last_seal, last_mac, events, key_version, mac"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {guards.ANCHORS} ({columns})"
            " VALUES (1, %s, 'x', %s, 1, %s, %s, 1, 1, %s)",
            [timezone.now(), b"x" * 32, last_seal, b"x" * 32, b"x" * 32],
        )


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError as error:
        return "insert only" in str(error)
    return False


def test_nothing_is_missing_after_the_installation() -> None:
    assert guards.missing(connection) == []


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (guards.EVENTS, "reason"),
        (guards.SEALS, "events"),
        (guards.LINKS, "seal_id"),
        (guards.ANCHORS, "name"),
    ],
)
def test_no_row_is_changed_or_removed(table: str, column: str) -> None:
    with time_machine.travel(timezone.now() - OLD):
        sealed()
    anchor(last_seal=0)
    assert refused(f"UPDATE {table} SET {column} = {column}")
    assert refused(f"DELETE FROM {table}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", guards.TABLES)
def test_no_table_is_emptied(table: str) -> None:
    assert refused(f"TRUNCATE {table} CASCADE")


def test_what_an_anchor_covers_leaves_events_first() -> None:
    with time_machine.travel(timezone.now() - OLD):
        sealed()
    sealed()
    anchor(last_seal=1)
    guards.announce(connection, 1)
    with transaction.atomic():
        assert refused(
            f"DELETE FROM {guards.LINKS} WHERE seal_id IN (SELECT id FROM {guards.SEALS})"
        )
        assert refused(f"DELETE FROM {guards.SEALS} WHERE number = 1")
        first = AuditEvent.objects.order_by("id")[0].pk
        seal = AuditSeal.objects.get(number=1).pk
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {guards.EVENTS} WHERE id = %s", [first])
            cursor.execute(f"DELETE FROM {guards.LINKS} WHERE event_id = %s", [first])
            cursor.execute(f"DELETE FROM {guards.SEALS} WHERE id = %s", [seal])
    assert refused(f"DELETE FROM {guards.EVENTS}")
    assert str(services.verify()[0]).startswith("archive 1: its MAC")


def test_what_is_young_stays_whatever_an_anchor_says() -> None:
    sealed()
    anchor(last_seal=9)
    guards.announce(connection, 1)
    for table in guards.TABLES:
        assert refused(f"DELETE FROM {table}")


@pytest.mark.postgres
def test_what_an_anchor_covers_stays_while_the_transaction_does_not_name_it() -> None:
    with time_machine.travel(timezone.now() - OLD):
        sealed()
    anchor(last_seal=1)
    assert refused(f"DELETE FROM {guards.EVENTS}")
    guards.announce(connection, 2)
    assert refused(f"DELETE FROM {guards.EVENTS}")


@pytest.mark.postgres
def test_a_temporary_table_in_the_place_of_the_anchors_is_not_asked() -> None:
    with time_machine.travel(timezone.now() - OLD):
        sealed()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {guards.ANCHORS} (number bigint, last_seal bigint)")
        cursor.execute(f"INSERT INTO pg_temp.{guards.ANCHORS} VALUES (1, 99)")
    guards.announce(connection, 1)
    assert refused(f"DELETE FROM {guards.EVENTS}")


@pytest.mark.postgres
def test_a_trigger_that_is_switched_off_is_missed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {guards.EVENTS} DISABLE TRIGGER {guards.EVENTS}_no_update")
    assert guards.missing(connection) == [f"{guards.EVENTS}_no_update"]


def test_an_owner_who_switches_the_triggers_off_is_found_by_the_chain() -> None:
    sealed()
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {guards.EVENTS} SET actor_id = 'x'")
    assert "its MAC does not fit" in str(services.verify()[0])
