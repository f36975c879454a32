"""What hangs on a row, told by the apps above the one that owns it, which does not import them.

Who is about to take the row away is shown first how much that is.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")


class Dependants(Generic[T]):
    """What hangs on one kind of row, by name."""

    def __init__(self) -> None:
        self._found: dict[str, Callable[[T], QuerySet[Any]]] = {}

    def register(self, what: str, found: Callable[[T], QuerySet[Any]]) -> None:
        """Let an app name its rows that hang on one; called in its AppConfig.ready."""
        self._found[what] = found

    def of(self, row: T) -> dict[str, QuerySet[Any]]:
        """Return what hangs on the row, by the name it was registered under."""
        return {what: found(row) for what, found in sorted(self._found.items())}

    def count(self, row: T) -> dict[str, int]:
        """Count what hangs on the row, however much that is."""
        return {what: rows.count() for what, rows in self.of(row).items()}
