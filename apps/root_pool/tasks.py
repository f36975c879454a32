"""Background work of the RCP."""

from celery import shared_task

from apps.core.actor import system
from apps.root_pool import services


@shared_task(name="root_pool.roll_trust_list_signer")  # type: ignore[untyped-decorator]  # celery has no types
def roll_trust_list_signer() -> None:
    """Keep a key at hand that signs the list of trusted roots."""
    services.roll_trust_list_signer(actor=system("root_pool.roll_trust_list_signer"))
