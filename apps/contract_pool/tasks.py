"""Background work of the CCP."""

from celery import shared_task
from django.utils import timezone

from apps.contract_pool import selectors, services
from apps.core import queue
from apps.core.actor import system
from apps.root_pool.services import clear_or_ask

WITHDRAW_BELOW = queue.name("contract_pool.withdraw_below")


@shared_task(name="contract_pool.tell_deliveries")  # type: ignore[untyped-decorator]  # celery has no types
def tell_deliveries() -> None:
    """Tell MOs what was handed out since the last time."""
    services.tell_deliveries()


@shared_task(name=WITHDRAW_BELOW)  # type: ignore[untyped-decorator]  # celery has no types
def withdraw_below(sub_ca_id: int) -> None:
    """End a batch of contracts below a revoked sub-CA and come back for the next one.

    Where so much hangs on it that a person decides, nothing leaves before that.
    """
    if not clear_or_ask(actor=system(WITHDRAW_BELOW), sub_ca_id=sub_ca_id):
        return
    if services.withdraw_below(sub_ca_id=sub_ca_id):
        queue.enqueue(WITHDRAW_BELOW, sub_ca_id)


@shared_task(name="contract_pool.sweep_revoked")  # type: ignore[untyped-decorator]  # celery has no types
def sweep_revoked() -> None:
    """Find what a lost message left behind: contracts below revoked sub-CAs of ours."""
    for sub_ca in selectors.revoked_sub_cas():
        queue.enqueue(WITHDRAW_BELOW, sub_ca.pk)


@shared_task(name="contract_pool.ask_mos")  # type: ignore[untyped-decorator]  # celery has no types
def ask_mos() -> None:
    """Ask MOs for new contract data of their own CA."""
    services.ask_mos(actor=system("contract_pool.ask_mos"), now=timezone.now())
