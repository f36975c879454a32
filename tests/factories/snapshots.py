"""What costs much to make is made once in a process; for later tests its rows are written again.

The rows are those that the services made, as the tables hold them. They are used only in an empty
database, within a test's transaction, with settings and clock as they are. A test that patches what
a maker calls patches it after the maker ran, or its patch would stay in the rows of later tests.
"""

import time
from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, Final, Generic, ParamSpec, TypeVar

import time_machine
from django.apps import apps
from django.conf import UserSettingsHolder, settings
from django.db import connection

from tests.factories import rows
from tests.factories.calls import forget_processes

MAX_AGE_S: Final = 300
"""Well below the days that the CRLs of the factories are fresh for."""
OF_MIGRATIONS: Final = {"auth", "contenttypes", "django_celery_beat"}
"""Apps whose rows migrations write."""

Made = TypeVar("Made")
Given = ParamSpec("Given")


@dataclass(frozen=True)
class Snapshot(Generic[Made]):
    """What a maker returned, the rows that it left, and when."""

    made: Made
    tables: list[rows.Rows]
    taken_at: float


def kept(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let `make`, which takes keywords only, build once and put back from then on."""
    snapshots: dict[Hashable, Snapshot[Made]] = {}

    @wraps(make)
    def made(*args: Given.args, **named: Given.kwargs) -> Made:
        assert not args, "makers take keywords only"
        if _something_is_unusual() or _anything_was_made():
            return make(*args, **named)
        name = tuple((key, _hashable(value)) for key, value in sorted(named.items()))
        found = snapshots.get(name)
        if found is None or time.monotonic() - found.taken_at > MAX_AGE_S:
            taken_at, built = time.monotonic(), make(*args, **named)
            found = snapshots[name] = Snapshot(built, rows.read(_tables()), taken_at)
        else:
            rows.write(found.tables)
        forget_processes()
        return deepcopy(found.made)

    return made


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def _something_is_unusual() -> bool:
    # The mypy plugin does not know where override_settings leaves its mark.
    overridden = isinstance(settings._wrapped, UserSettingsHolder)  # type: ignore[misc]
    # Emptying the tables after a test without a transaction gives permissions other numbers.
    lasting = not connection.in_atomic_block
    return overridden or lasting or time_machine.escape_hatch.is_travelling()


@cache
def _tables() -> list[str]:
    """Every table that is empty before a test."""
    models = [model._meta for model in apps.get_models(include_auto_created=True)]
    return sorted({each.db_table for each in models if each.app_label not in OF_MIGRATIONS})


def _anything_was_made() -> bool:
    return bool(rows.filled(_tables()))
