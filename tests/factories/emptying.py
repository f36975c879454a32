"""Emptying the tables after a test that commits.

Django's own flush empties every table and then writes content types, permissions and schedules
anew, which takes longer than most tests. Here only the tables that hold rows are emptied; content
types and permissions stay, and the schedules are put back as they were before the first test.
"""

from typing import Any, Final

from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.audit.tampering import without_guards
from tests.factories import rows

STAY: Final = {"auth_permission", "django_content_type"}
"""Tables that no test writes to."""


def instead_of_the_flush() -> None:
    """Let every test that commits be cleaned up here; call it when the tables stand."""
    named = apps.get_app_config("django_celery_beat").get_models()
    schedules = rows.read([model._meta.db_table for model in named])

    def empty(case: Any) -> None:
        with without_guards(), transaction.atomic():
            _empty()
            rows.write(schedules)

    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]  # Django's private


def _empty() -> None:
    """Foreign keys are checked when the transaction ends."""
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - STAY)
    with connection.cursor() as cursor:
        for table in rows.filled(tables):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
