"""The sweep over jobs."""

from celery import shared_task
from django.utils import timezone

from apps.jobs import services


@shared_task(name="jobs.sweep")  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    """Take up what was stranded."""
    services.sweep(now=timezone.now())
