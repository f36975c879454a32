"""Webhooks in the background."""

from celery import shared_task
from django.utils import timezone

from apps.events import services


@shared_task(name="events.sweep")  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    """Fan out new events and take up what is due."""
    services.sweep(now=timezone.now())


@shared_task(name="events.dispatch")  # type: ignore[untyped-decorator]  # celery has no types
def dispatch(endpoint_id: int) -> None:
    """Send what is due to one endpoint."""
    services.dispatch(endpoint_id=endpoint_id)


@shared_task(name="events.purge")  # type: ignore[untyped-decorator]  # celery has no types
def purge() -> None:
    """Delete what is past its retention."""
    services.purge(now=timezone.now())
