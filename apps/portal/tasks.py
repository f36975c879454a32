"""The portal's work in the background."""

from celery import shared_task
from django.utils import timezone

from apps.portal import services


@shared_task(name="portal.count_days")  # type: ignore[untyped-decorator]  # celery has no types
def count_days() -> None:
    """Count what happened today and yesterday."""
    services.count_days(now=timezone.now())
