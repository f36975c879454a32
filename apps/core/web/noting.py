"""What one request was refused for want of a right, until the portal writes it into the trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.core.errors import Forbidden

_noted: ContextVar[list[Forbidden] | None] = ContextVar("noted_refusals", default=None)


def note(error: Exception) -> None:
    """Keep a missing right for the trail of this request; other errors are no refusals of rights.

    Outside a request of the portal nothing is kept.
    """
    noted = _noted.get()
    if noted is not None and isinstance(error, Forbidden):
        noted.append(error)


@contextmanager
def noting() -> Iterator[list[Forbidden]]:
    """Gather what is refused while one request is answered."""
    noted: list[Forbidden] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)
