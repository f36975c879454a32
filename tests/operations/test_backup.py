"""A backup is rehearsed: made, put into an empty database, compared, and worked with."""

import gzip
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit import services as audit
from apps.audit.models import AuditEvent
from apps.operator.backup import tables
from apps.pki import services as pki
from apps.pki.models import Authority, PublishedCrl
from tests.factories import calls, contracts
from tests.operations.conftest import move_to_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def run(command: str, **options: object) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def hashes() -> dict[str, str]:
    """SHA-256 of every table but those to which making and restoring a backup adds."""
    return {each.name: tables.hash_of(each).sha256 for each in tables.all_tables()}


def test_what_is_restored_has_every_hash_and_goes_on_working(
    other_database: None, tmp_path: Path
) -> None:
    world = contracts.world()
    world.generate()
    pki.sign_crl(actor=world.mo.actor, authority=Authority.objects.earliest("pk"))
    audit.seal_new()
    folder = tmp_path / "backup"
    before = hashes()
    said = run("backup", to=folder)
    assert "VAULT_KEYS (versions 1) and AUDIT_KEYS are not in it" in said
    assert "rows of" in run("verify_backup", folder=folder)
    lists = dict(PublishedCrl.objects.values_list("authority", "number"))

    move_to_the_other()
    calls.forget_processes()
    assert f"of {len(before)} tables stand as they did" in run("restore", folder=folder)

    after = hashes()
    assert set(after) == set(before)
    differ = {name for name in before if before[name] != after[name]}
    assert differ == {"audit_auditevent", "pki_publishedcrl"}
    ((authority, number),) = PublishedCrl.objects.values_list("authority", "number")
    assert number > lists[authority] + 1000  # what was published since the backup is not repeated
    assert AuditEvent.objects.latest("pk").action == "operator.restore"
    audit.seal_new()
    assert run("verify_audit") == "The audit trail holds.\n"
    served = world.car.install(contracts.cpo_actor())
    world.car.accept(served.exi)


def test_only_the_release_that_made_it_and_an_empty_database_take_it(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    run("backup", to=folder)
    with pytest.raises(CommandError, match="The database is not empty"):
        run("restore", folder=folder)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('pki', '9999_x', now())"
        )
    try:
        later = tmp_path / "later"
        run("backup", to=later)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
    with pytest.raises(CommandError, match=r"made by another release \(pki\.9999_x\)"):
        run("restore", folder=later)


def test_what_was_changed_or_cut_is_refused(tmp_path: Path) -> None:
    contracts.mo()
    folder = tmp_path / "backup"
    run("backup", to=folder)
    with pytest.raises(CommandError, match="is not empty"):
        run("backup", to=folder)
    path = folder / "participants_organization.copy.gz"
    assert path.stat().st_mode & 0o077 == 0
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(CommandError, match="it is cut or missing"):
        run("verify_backup", folder=folder)
    path.write_bytes(gzip.compress(gzip.decompress(whole).replace(b"\tt\t", b"\tf\t", 1)))
    with pytest.raises(CommandError, match="is not what was backed up"):
        run("verify_backup", folder=folder)
    path.write_bytes(whole)
    listed = folder / "manifest.json"
    said = json.loads(listed.read_text())
    listed.write_text(json.dumps(said | {"content": said["content"] | {"server": "1"}}))
    with pytest.raises(CommandError, match=r"manifest\.json was changed"):
        run("verify_backup", folder=folder)
    listed.unlink()
    with pytest.raises(CommandError, match="holds no backup that was finished"):
        run("verify_backup", folder=folder)


def test_sessions_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    run("backup", to=folder)
    assert not (folder / "django_session.copy.gz").exists()
    assert json.loads((folder / "manifest.json").read_text())["content"]["left_out"] == [
        "django_session"
    ]
