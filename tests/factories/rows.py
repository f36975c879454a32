"""The rows of tables, taken and written again as the tables hold them."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

Rows = tuple[str, list[tuple[Any, ...]]]
"""An INSERT statement up to its values, and the values."""


def filled(tables: Iterable[str]) -> list[str]:
    """Return those of the tables that hold a row."""
    names = list(tables)
    checks = (f"EXISTS (SELECT 1 FROM {_quoted(table)})" for table in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(checks)}")
        return [name for name, there in zip(names, cursor.fetchone(), strict=True) if there]


def read(tables: Iterable[str]) -> list[Rows]:
    """Take all rows; tables without any are left out."""
    found = []
    with connection.cursor() as cursor:
        for table in filled(tables):
            # Asking the introspection would cost several queries for each table.
            cursor.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")
            columns = [_quoted(column[0]) for column in cursor.description]
            # An expression, because SQLite would turn the text of a plain column into a datetime.
            values = ", ".join(f"COALESCE({column}, NULL)" for column in columns)
            cursor.execute(f"SELECT {values} FROM {_quoted(table)}")
            insert = f"INSERT INTO {_quoted(table)} ({', '.join(columns)}) VALUES "
            found.append((insert, cursor.fetchall()))
    return found


def write(tables: list[Rows]) -> None:
    """One statement for each table; foreign keys are checked when the transaction ends."""
    with connection.cursor() as cursor:
        for insert, rows in tables:
            places = "(" + ", ".join(["%s"] * len(rows[0])) + ")"
            cursor.execute(
                insert + ", ".join([places] * len(rows)), [value for row in rows for value in row]
            )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
