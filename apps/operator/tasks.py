"""The operator's work in the background."""

from celery import shared_task

from apps.operator import services


@shared_task(name="operator.beat")  # type: ignore[untyped-decorator]  # celery has no types
def beat() -> None:
    """Note that the clock sent this over the broker, and that a worker took it."""
    services.note_heartbeat()
