"""Putting a backup into an empty database, all of it or nothing."""

from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from apps.audit import guards
from apps.audit import services as audit
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.operator.backup import files, tables
from apps.operator.backup.checking import check
from apps.operator.backup.manifest import NAME, Manifest
from apps.operator.backup.tables import Table
from apps.pki import services as pki


def restore(*, actor: Actor, folder: Path) -> Manifest:
    """Build the tables, fill them from the backup, and compare every hash with the manifest.

    The database must hold no table, and this must be the release that made the backup: newer
    migrations come afterwards. Rows go in within one transaction, which ends only when each table
    has the rows, octets and SHA-256 that it had. Afterwards every CRL gets a number beyond any
    that was published since the backup. Raises Invalid, Conflict.
    """
    tables.require_postgresql()
    found = check(folder=folder)
    _require_same_release(found)
    _require_empty()
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic(durable=True):
        tables.one_spelling()
        _fill(folder, found)
        tables.set_sequences(found.sequences)
        _compare(found)
    with transaction.atomic():
        pki.leave_crl_numbers_behind()
        audit.record(
            actor=actor,
            action="operator.restore",
            target_type="backup",
            target_id=found.made_at,
            detail={"rows": found.rows, "manifest": NAME},
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return found


def _require_same_release(found: Manifest) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {f"{app}.{name}" for app, name in loader.disk_migrations}
    other = sorted(ours ^ set(found.migrations))
    if other:
        raise Conflict(
            "other_release",
            f"The backup was made by another release ({other[0]}): restore it with that one,"
            " then migrate.",
        )


def _require_empty() -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    if there:
        raise Conflict("not_empty", f"The database is not empty: there is {there[0]}.")


def _fill(folder: Path, found: Manifest) -> None:
    """What migrations wrote goes first; the audit trail refuses that, and nothing is in it yet."""
    names = [part.table for part in found.parts if part.table not in guards.TABLES]
    quoted = ", ".join(connection.ops.quote_name(name) for name in [*names, *found.left_out])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted}")
    for part in found.parts:
        tables.write(Table(part.table, part.columns), files.read(folder, part))


def _compare(found: Manifest) -> None:
    there = {table.name: table for table in tables.all_tables()}
    if set(there) != {part.table for part in found.parts}:
        raise Invalid("other_tables", "The backup holds other tables than this release has.")
    for part in found.parts:
        put = tables.hash_of(there[part.table])
        if (put.rows, put.octets, put.sha256) != (part.rows, part.octets, part.sha256):
            raise Invalid("differs", f"{part.table} came back other than it was backed up.")
