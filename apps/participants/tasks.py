"""Keys of access tokens in the background."""

from celery import shared_task

from apps.core.actor import system
from apps.participants import services


@shared_task(name="participants.roll_token_key")  # type: ignore[untyped-decorator]  # celery has no types
def roll_token_key() -> None:
    """Roll the key when it is due, and forget those whose tokens have all expired."""
    services.roll_token_key_when_due(actor=system("participants"))
