"""The operator's work in the background."""

from celery import shared_task

from apps.operator import cleansing, services


@shared_task(name="operator.beat")  # type: ignore[untyped-decorator]  # celery has no types
def beat() -> None:
    """Note that the clock sent this over the broker, and that a worker took it."""
    services.note_heartbeat()


@shared_task(name="operator.cleanse")  # type: ignore[untyped-decorator]  # celery has no types
def cleanse(job_id: int) -> None:
    """Work off a cleansing run."""
    cleansing.work_off(job_id=job_id)


@shared_task(name="operator.cleanse_rcp")  # type: ignore[untyped-decorator]  # celery has no types
def cleanse_rcp() -> None:
    """Start a run over the RCP."""
    cleansing.scheduled(pool="rcp")


@shared_task(name="operator.cleanse_pcp")  # type: ignore[untyped-decorator]  # celery has no types
def cleanse_pcp() -> None:
    """Start a run over the PCP."""
    cleansing.scheduled(pool="pcp")


@shared_task(name="operator.cleanse_ccp")  # type: ignore[untyped-decorator]  # celery has no types
def cleanse_ccp() -> None:
    """Start a run over the CCP."""
    cleansing.scheduled(pool="ccp")
