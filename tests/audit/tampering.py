"""Changing the audit trail as its tables' owner could, and what the cleaning after tests needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.audit import guards


def behind_our_back(sql: str, *values: Any) -> None:
    """Run a statement that no trigger sees."""
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def without_guards() -> Iterator[None]:
    """Switch the triggers off, as a superuser of the database may."""
    there = not guards.missing(connection) and connection.vendor == "sqlite"
    _switch("replica", [f"{table}_no_{what}" for table in guards.TABLES for what in _WHAT])
    try:
        yield
    finally:
        _switch("origin", [])
        if there:
            guards.install(connection)


def let_tables_be_emptied() -> None:
    """Take away what stops the flush after a test that commits: TRUNCATE, on SQLite DELETE."""
    with connection.cursor() as cursor:
        for table in guards.TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")


_WHAT = ("update", "delete")


def _switch(role: str, names: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET session_replication_role = {role}")
        else:
            for name in names:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
