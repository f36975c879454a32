"""An upgrade without downtime: what was released goes on working on tables of the next release."""

from collections.abc import Iterator, Sequence

from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from pytest_django import Settings

BEFORE_THE_FIRST_RELEASE = {
    "participants.0002_language_and_time_zone",
    "pki.0003_provisional_certificates",
    "pki.0004_serial_first",
    "pki.0008_fewer_indexes_of_issued",
}
TAKES_AWAY = (
    operations.AlterModelTable,
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
)


def breaks_the_release_before(operation: operations.base.Operation, new: set[str]) -> bool:
    """Whether code that does not know the change could fail to read or to write."""
    if isinstance(operation, TAKES_AWAY):
        return True
    if isinstance(operation, operations.AddConstraint):
        return operation.model_name.lower() not in new
    if isinstance(operation, operations.AddField) and operation.model_name.lower() not in new:
        field = operation.field
        optional = field.null or field.many_to_many
        return not optional and field.db_default is NOT_PROVIDED
    return False


def ours() -> Iterator[tuple[str, Sequence[operations.base.Operation]]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if migration.__module__.startswith("apps.") and not migration.initial:
            yield f"{app}.{name}", migration.operations


def test_migrations_only_add_what_the_release_before_need_not_know(settings: Settings) -> None:
    """Otherwise: in this release stop using it, in the next one take it away.

    A new column is nullable or has a `db_default`: the release before inserts rows without it.
    """
    settings.MIGRATION_MODULES = {}  # a pass that makes the tables without migrations has none
    broken = set()
    for name, found in ours():
        new = {one.name.lower() for one in found if isinstance(one, operations.CreateModel)}
        if any(breaks_the_release_before(one, new) for one in found):
            broken.add(name)
    assert broken == BEFORE_THE_FIRST_RELEASE
