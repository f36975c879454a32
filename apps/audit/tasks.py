"""Sealing the audit trail in the background."""

from celery import shared_task

from apps.audit import services


@shared_task(name="audit.seal")  # type: ignore[untyped-decorator]  # celery has no types
def seal() -> None:
    """Chain what was committed since the last seal."""
    services.seal_new()


@shared_task(name="audit.seal_late")  # type: ignore[untyped-decorator]  # celery has no types
def seal_late() -> None:
    """Look through the whole trail for events that no seal covers."""
    services.seal_new(everything=True)


@shared_task(name="audit.count_refusals")  # type: ignore[untyped-decorator]  # celery has no types
def count_refusals() -> None:
    """Write the counts of refusals of the minutes that have ended."""
    services.count_suppressed()
