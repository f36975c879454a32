"""What a service refuses, in the language of the page."""

from django.utils.translation import gettext

from apps.core.errors import DomainError


def in_words(error: DomainError) -> str:
    """Return the sentence of `error` for a person; one that the catalogue lacks stays English."""
    return told(str(error.message))


def told(message: str) -> str:
    """Return a sentence that was kept in English, as rows of jobs do, for a person."""
    return gettext(message)
