"""What a service refuses: in the language of the page, and noted for the audit trail."""

from django.utils.translation import gettext

from apps.core.errors import DomainError
from apps.core.web.noting import note


def in_words(error: DomainError) -> str:
    """Return the sentence of `error` for a person; one that the catalogue lacks stays English.

    Every frame tells a refusal through here, so a missing right is noted here as well.
    """
    note(error)
    return told(str(error.message))


def told(message: str) -> str:
    """Return a sentence that was kept in English, as rows of jobs do, for a person."""
    return gettext(message)
