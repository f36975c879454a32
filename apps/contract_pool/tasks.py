"""Background work of the CCP."""

from celery import shared_task

from apps.contract_pool import services


@shared_task(name="contract_pool.tell_deliveries")  # type: ignore[untyped-decorator]  # celery has no types
def tell_deliveries() -> None:
    """Tell MOs what was handed out since the last time."""
    services.tell_deliveries()
