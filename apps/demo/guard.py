"""The demo and its sandbox routes exist only where settings say SANDBOX."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def require_sandbox() -> None:
    """Refuse to go on outside a sandbox. Raises ImproperlyConfigured.

    The demo writes private keys of made-up parties to files and answers for their CAs, so it has
    no place beside real ones.
    """
    if not getattr(settings, "SANDBOX", False):
        raise ImproperlyConfigured("The demo ecosystem runs in the local sandbox only.")
