"""Writing many rows in one statement, without a placeholder for each of their values.

On PostgreSQL new rows go through COPY, changes through arrays: the statements of `bulk_create` take
its driver longer to write than the database to run. Elsewhere, and for a few rows, it is Django's
own way.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from django.db import connection, models

FEW: Final = 10
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL: Final = "\\N"

_Write = Callable[[Any], str]
_Column = tuple[Callable[[Any], Any], _Write]


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model and give them their keys, inside the open transaction.

    Their values are plain ones of Python, times are aware, nothing is an expression. Raises
    Django's IntegrityError and DataError as an INSERT does.
    """
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql" or len(rows) < FEW:
        model._default_manager.bulk_create(rows)  # noqa: SLF001  Django documents it
        return
    key = model._meta.pk  # noqa: SLF001  Django documents it
    table = model._meta.db_table  # noqa: SLF001  Django documents it
    names, columns = _columns(model)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{table}"', key.column, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
        lines = ["\t".join([write(value(row)) for value, write in columns]) for row in rows]
        statement = f'COPY "{table}" ({names}) FROM STDIN'
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            copy.write("\n".join(lines) + "\n")
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  Django documents it


def update(rows: Sequence[models.Model], *, fields: Sequence[str], where: Mapping[str, str]) -> int:
    """Write these fields of rows of one model, where the stored row still is as `where` says.

    Returns how many were written: the caller takes back what is not all. Fields are of any kind
    but JSON, those of `where` are texts. Raises as an UPDATE does.
    """
    if not rows:
        return 0
    model = type(rows[0])
    if connection.vendor != "postgresql" or len(rows) < FEW:
        return sum(_update_one(row, fields, where) for row in rows)
    meta = model._meta  # noqa: SLF001  Django documents it
    written: list[Any] = [meta.pk, *(meta.get_field(name) for name in fields)]
    types = ", ".join(f"%s::{field.rel_db_type(connection).split('(')[0]}[]" for field in written)
    key, *names = (f'"{field.column}"' for field in written)
    changes = ", ".join(f"{name} = new.{name}" for name in names)
    still = "".join(f' AND old."{name}" = %s' for name in where)
    statement = (
        f'UPDATE "{meta.db_table}" AS old SET {changes}'  # noqa: S608  our own names
        f" FROM unnest({types}) AS new ({key}, {', '.join(names)})"
        f" WHERE old.{key} = new.{key}{still}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(_array(rows, one) for one in written), *where.values()])
        return int(cursor.rowcount)


def _array(rows: Sequence[models.Model], field: Any) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]


def _update_one(row: models.Model, fields: Sequence[str], where: Mapping[str, str]) -> int:
    stored = type(row)._default_manager.filter(pk=row.pk, **where)  # noqa: SLF001  Django documents it
    return int(stored.update(**{name: getattr(row, name) for name in fields}))


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[str, tuple[_Column, ...]]:
    """The names of the columns, and for each how its value is found and written."""
    fields = model._meta.concrete_fields  # noqa: SLF001  Django documents it
    names = ", ".join(f'"{field.column}"' for field in fields)
    return names, tuple((_value_of(field), _writer_of(field)) for field in fields)


def _value_of(field: Any) -> Callable[[Any], Any]:
    if type(field).pre_save is models.Field.pre_save:
        name = field.attname
        return lambda row: getattr(row, name)
    return partial(_before_saving, field)


def _before_saving(field: Any, row: Any) -> Any:
    return field.pre_save(row, add=True)


def _writer_of(field: Any) -> _Write:
    if isinstance(field, models.JSONField):
        return partial(_json, field.encoder)
    return _text


def _json(encoder: Any, value: Any) -> str:
    if value is None:
        return _NULL
    return json.dumps(value, cls=encoder, separators=(",", ":")).translate(_SPECIAL)


def _text(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        return str(value).translate(_SPECIAL)
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\\\x" + bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
