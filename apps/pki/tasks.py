"""Background work of the PKI."""

from celery import shared_task

from apps.core import actor
from apps.pki import services


@shared_task(name="pki.settle_intents")  # type: ignore[untyped-decorator]  # celery has no types
def settle_intents() -> None:
    """Give up issuance intents that nobody stored; beat runs it every minute."""
    services.settle_intents(actor=actor.system("pki.settle_intents"))
