"""Background work for car makers."""

from celery import shared_task
from django.utils import timezone

from apps.oem import services


@shared_task(name="oem.publish_rows")  # type: ignore[untyped-decorator]  # celery has no types
def publish_rows(job_id: int) -> None:
    """Publish the rows of an import."""
    services.work_off(job_id=job_id)


@shared_task(name="oem.sweep")  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    """Forget uploads that nobody imported."""
    services.sweep(now=timezone.now())
