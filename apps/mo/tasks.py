"""Background work of the MO's staff."""

from celery import shared_task
from django.utils import timezone

from apps.mo import services


@shared_task(name="mo.conclude_draft")  # type: ignore[untyped-decorator]  # celery has no types
def conclude_draft(draft_id: int) -> None:
    """Conclude one ordered contract."""
    services.conclude(draft_id=draft_id)


@shared_task(name="mo.sweep_drafts")  # type: ignore[untyped-decorator]  # celery has no types
def sweep_drafts() -> None:
    """Take up what was stranded, and remove what is old."""
    services.sweep(now=timezone.now())
