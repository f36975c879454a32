"""Statements of the hot paths: written out in SQL, and planned once for each connection.

What is asked for every vehicle at every charge point costs PostgreSQL more to plan than to run, and
Django more to build than to read. Where the database is reached through a pooler that keeps no
prepared statements, DATABASE_PREPARES=false leaves them out.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


def run(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement with %s in the place of parameters; return its rows, if it has any."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def _cursor() -> CursorWrapper:
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    # Django's stubs know neither of these as what they are.
    raw: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # psycopg's own
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(raw)


def instant(value: datetime) -> datetime:
    """Read a time of a row; SQLite hands it out without the UTC that it is in."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
