"""The tables of the database as text: one line a row, in the order of the primary key.

PostgreSQL's COPY writes and reads them, and one text has one hash: the same rows give the same
SHA-256 before a backup and after it was put back, on whatever machine.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from psycopg import sql

from apps.core.errors import Invalid

LEFT_OUT: Final = ("django_session",)
"""Whoever holds the backup must not be logged in as somebody; people log in again."""
_TEXTS: Final = ("text", "varchar", "bpchar")
_PLAIN: Final = (
    "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; "
    "SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; "
    "SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0"
)
_COLUMNS: Final = """
    SELECT c.relname, a.attname, t.typname,
        array_position(i.indkey::smallint[], a.attnum) AS place
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
        AND a.attgenerated = ''
    ORDER BY c.relname COLLATE "C", a.attnum"""
_SEQUENCES: Final = """
    SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = current_schema() AND last_value IS NOT NULL
    ORDER BY sequencename COLLATE "C" """


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name, the columns that hold values of their own, and its primary key."""

    name: str
    columns: tuple[str, ...]
    order: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Sum:
    """What went through: rows, octets, and the SHA-256 over all of it."""

    rows: int = 0
    octets: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, block: bytes) -> bytes:
        """Count a block and return it; a line break inside a value is escaped by COPY."""
        self.rows += block.count(b"\n")
        self.octets += len(block)
        self._digest.update(block)
        return block

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def require_postgresql() -> None:
    """Raise Invalid on SQLite, which is copied as a file."""
    if connection.vendor != "postgresql":
        raise Invalid(
            "not_postgresql",
            "This is for PostgreSQL. SQLite is one file: copy it with sqlite3's .backup.",
        )


def one_snapshot() -> None:
    """Let the transaction that has just begun see one instant, and write values in one way."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    one_spelling()


def one_spelling() -> None:
    """Write values in one way until the transaction ends, whatever the server's settings."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN)


def all_tables() -> list[Table]:
    """Return the tables of our schema but LEFT_OUT. Raises Invalid for one without primary key."""
    columns: dict[str, list[str]] = {}
    keys: dict[str, list[tuple[int, str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column, kind, place in cursor.fetchall():
            columns.setdefault(table, []).append(column)
            if place is not None:
                keys.setdefault(table, []).append((place, column, kind))
    bare = sorted(set(columns) - set(keys))
    if bare:
        raise Invalid("no_order", f"{bare[0]} has no primary key, so its rows have no order.")
    return [
        Table(name, tuple(columns[name]), tuple(key[1:] for key in sorted(keys[name])))
        for name in columns
        if name not in LEFT_OUT
    ]


def read(table: Table) -> Iterator[bytes]:
    """Yield the rows of a table as COPY writes them, inside the open transaction."""
    order = [
        sql.SQL('{} COLLATE "C"' if kind in _TEXTS else "{}").format(sql.Identifier(column))
        for column, kind in table.order
    ]
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _listed(table), sql.Identifier(table.name), sql.SQL(", ").join(order)
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as out,
    ):
        for block in out:
            yield bytes(block)


def write(table: Table, blocks: Iterable[bytes]) -> None:
    """Insert rows as `read` yielded them; foreign keys are checked when the transaction ends."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), _listed(table)
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as to,
    ):
        for block in blocks:
            to.write(block)


def hash_of(table: Table) -> Sum:
    """Return rows, octets and SHA-256 of a table as it is now."""
    found = Sum()
    for block in read(table):
        found.add(block)
    return found


def sequences() -> dict[str, int]:
    """Return the last number that each sequence gave; it is never below that of the snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        return dict(cursor.fetchall())


def set_sequences(numbers: dict[str, int]) -> None:
    """Let each sequence go on after its number."""
    with connection.cursor() as cursor:
        for name, number in sorted(numbers.items()):
            cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, number])


def _listed(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in table.columns)
