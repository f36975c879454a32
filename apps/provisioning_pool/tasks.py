"""Background work of the PCP."""

from celery import shared_task

from apps.core import queue
from apps.core.actor import system
from apps.provisioning_pool import selectors, services
from apps.root_pool.services import clear_or_ask

WITHDRAW_BELOW = queue.name("provisioning_pool.withdraw_below")


@shared_task(name=WITHDRAW_BELOW)  # type: ignore[untyped-decorator]  # celery has no types
def withdraw_below(sub_ca_id: int) -> None:
    """Withdraw a batch of vehicles below a revoked sub-CA and come back for the next one.

    Where so much hangs on it that a person decides, nothing leaves before that.
    """
    actor = system("provisioning_pool.withdraw_below")
    if not clear_or_ask(actor=actor, sub_ca_id=sub_ca_id):
        return
    if services.withdraw_below(actor=actor, sub_ca_id=sub_ca_id, reason="sub_ca_revoked"):
        queue.enqueue(WITHDRAW_BELOW, sub_ca_id)


@shared_task(name="provisioning_pool.sweep_revoked")  # type: ignore[untyped-decorator]  # celery has no types
def sweep_revoked() -> None:
    """Find what a lost message left behind: vehicles below revoked sub-CAs of ours."""
    for sub_ca in selectors.revoked_sub_cas():
        queue.enqueue(WITHDRAW_BELOW, sub_ca.pk)
