"""What a service refuses: in the language of the page, and noted for the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext

from apps.core.errors import DomainError, Forbidden

_noted: ContextVar[list[Forbidden] | None] = ContextVar("noted_refusals", default=None)


def in_words(error: DomainError) -> str:
    """Return the sentence of `error` for a person; one that the catalogue lacks stays English.

    Every frame tells a refusal through here, so a missing right is noted here as well.
    """
    note(error)
    return told(str(error.message))


def told(message: str) -> str:
    """Return a sentence that was kept in English, as rows of jobs do, for a person."""
    return gettext(message)


def note(error: DomainError) -> None:
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
