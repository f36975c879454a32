"""Keys of access tokens, and e-mail, in the background."""

from celery import shared_task
from django.utils import timezone

from apps.core.actor import system
from apps.participants import services


@shared_task(name="participants.roll_token_key")  # type: ignore[untyped-decorator]  # celery has no types
def roll_token_key() -> None:
    """Roll the key when it is due, and forget those whose tokens have all expired."""
    services.roll_token_key_when_due(actor=system("participants"))


@shared_task(name="participants.send_mail")  # type: ignore[untyped-decorator]  # celery has no types
def send_mail(mail_id: int) -> None:
    """Send one message with a link."""
    services.send_mail(mail_id=mail_id)


@shared_task(name="participants.sweep_mails")  # type: ignore[untyped-decorator]  # celery has no types
def sweep_mails() -> None:
    """Take up the messages that are due."""
    services.sweep_mails(now=timezone.now())
