"""What hangs on a row, told by the apps above the one that owns it, which does not import them.

Who is about to take the row away is shown these counts first.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Dependants(Generic[T]):
    """Counters by name, for one kind of row."""

    def __init__(self) -> None:
        self._counters: dict[str, Callable[[T], int]] = {}

    def register(self, what: str, counter: Callable[[T], int]) -> None:
        """Let an app count its rows that hang on one; called in its AppConfig.ready."""
        self._counters[what] = counter

    def count(self, row: T) -> dict[str, int]:
        """Count what hangs on the row, by the name it was registered under."""
        return {what: counter(row) for what, counter in sorted(self._counters.items())}
