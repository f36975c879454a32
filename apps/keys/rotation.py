"""Giving everything that the vault sealed to its newest key, so that an old one can go.

Each app that keeps sealed values says so in its `sealed.py` with `register`; a version is in use
while one of them holds a value that it sealed.
"""

from collections import Counter
from typing import Final, Protocol

from django.db import connection, transaction
from django.db.models import Count, Model
from django.utils.module_loading import autodiscover_modules

from apps.keys import vault


class Holder(Protocol):
    """Rows with sealed values."""

    @property
    def name(self) -> str:
        """What it is called where its progress is shown."""

    def versions(self) -> Counter[int]:
        """Return how many values each version of the vault key sealed."""

    def reseal(self, *, version: int, limit: int) -> int:
        """Seal again at most so many values that `version` did not seal; return how many."""


class Rows:
    """A model with the fields `uuid`, `sealed` and `key_version`; an empty value was destroyed."""

    def __init__(self, model: type[Model], *, table: str) -> None:
        self._table = table
        self._rows = model._default_manager  # noqa: SLF001  Django documents it

    @property
    def name(self) -> str:
        return self._table

    def versions(self) -> Counter[int]:
        held = self._rows.exclude(sealed=None).exclude(sealed=b"")
        counted = held.order_by().values_list("key_version").annotate(Count("pk"))
        return Counter(dict(counted))

    def reseal(self, *, version: int, limit: int) -> int:
        held = self._rows.exclude(sealed=None).exclude(sealed=b"").exclude(key_version=version)
        skip = connection.features.has_select_for_update_skip_locked
        done = 0
        with transaction.atomic():
            locked = held.select_for_update(skip_locked=skip).order_by("pk")[:limit]
            for pk, row, old, sealed in locked.values_list("pk", "uuid", "key_version", "sealed"):
                plain = vault.open_(bytes(sealed), table=self._table, row=row, version=old)
                made, again = vault.seal(plain, table=self._table, row=row)
                done += self._rows.filter(pk=pk).update(key_version=made, sealed=again)
        return done


_HOLDERS: Final[dict[str, Holder]] = {}


def register(holder: Holder) -> None:
    """Name a holder of sealed values. Raises ValueError for a name that another has."""
    if _HOLDERS.setdefault(holder.name, holder) is not holder:
        raise ValueError(f"{holder.name} is registered twice")


def holders() -> list[Holder]:
    """Return every holder of every app."""
    autodiscover_modules("sealed")
    return list(_HOLDERS.values())


def versions() -> Counter[int]:
    """Return how many sealed values of all holders need each version of the vault key."""
    return sum((holder.versions() for holder in holders()), Counter())
