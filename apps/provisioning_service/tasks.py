"""Background work of the CPS."""

from celery import shared_task
from django.utils import timezone

from apps.core import actor
from apps.provisioning_service import services


@shared_task(name="provisioning_service.generate_rows")  # type: ignore[untyped-decorator]  # celery has no types
def generate_rows(job_id: int) -> None:
    """Generate contract data for the rows of a job."""
    services.work_off(job_id=job_id)


@shared_task(name="provisioning_service.plan_renewals")  # type: ignore[untyped-decorator]  # celery has no types
def plan_renewals() -> None:
    """Find contracts whose certificate ends and have them renewed."""
    services.plan_renewals(now=timezone.now())


@shared_task(name="provisioning_service.resign_rows")  # type: ignore[untyped-decorator]  # celery has no types
def resign_rows(job_id: int) -> None:
    """Sign a chunk of contract data again."""
    services.resign_rows(job_id=job_id)


@shared_task(name="provisioning_service.plan_resigning")  # type: ignore[untyped-decorator]  # celery has no types
def plan_resigning() -> None:
    """Find contract data whose CPS signer ends or was revoked."""
    services.plan_resigning(now=timezone.now())


@shared_task(name="provisioning_service.roll_signers")  # type: ignore[untyped-decorator]  # celery has no types
def roll_signers() -> None:
    """Follow the CPS signers that end soon."""
    part = actor.system("provisioning_service.roll_signers")
    services.roll_signers(actor=part, now=timezone.now())


@shared_task(name="provisioning_service.warn_of_ends")  # type: ignore[untyped-decorator]  # celery has no types
def warn_of_ends() -> None:
    """Warn of certificates that end in 90, 30 and 7 days."""
    services.warn_of_ends(now=timezone.now())
