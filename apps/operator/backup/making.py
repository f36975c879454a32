"""Writing a backup: every table at one instant, while everybody goes on working."""

from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.keys import rotation
from apps.operator.backup import files, manifest, tables
from apps.operator.backup.manifest import Manifest, Part


def make(*, actor: Actor, folder: Path) -> Manifest:
    """Write all tables into an empty folder, the manifest last.

    One transaction sees one instant (REPEATABLE READ, read only), so it holds up nobody. A folder
    without a manifest is a backup that was interrupted. Private keys are in it as they are in the
    database: sealed with VAULT_KEYS, which are not. Raises Invalid.
    """
    tables.require_postgresql()
    files.new_folder(folder)
    with transaction.atomic(durable=True):
        tables.one_snapshot()
        made_at = timezone.now().isoformat(timespec="seconds")
        migrations = _migrations()
        parts = tuple(_write(folder, table) for table in tables.all_tables())
        made = Manifest(
            made_at=made_at,
            server=_server(),
            migrations=migrations,
            sequences=tables.sequences(),
            vault_keys=tuple(sorted(rotation.versions())),
            left_out=tables.LEFT_OUT,
            parts=parts,
        )
    mac = manifest.write(folder, made)
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="operator.backup",
            target_type="backup",
            target_id=made_at,
            detail={"rows": made.rows, "mac": mac},
        )
    return made


def _write(folder: Path, table: tables.Table) -> Part:
    found = tables.Sum()
    files.write(folder / f"{table.name}.copy.gz", tables.read(table), found)
    return Part.of(table, found)


def _migrations() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return tuple(sorted(f"{app}.{name}" for app, name in cursor.fetchall()))


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])
