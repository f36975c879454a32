"""Background work of the PKI."""

from celery import shared_task
from django.utils import timezone

from apps.core import actor
from apps.pki import services, status
from apps.pki.models import Authority


@shared_task(name="pki.settle_intents")  # type: ignore[untyped-decorator]  # celery has no types
def settle_intents() -> None:
    """Settle issuance that nobody finished; beat runs it every minute."""
    services.settle_intents(actor=actor.system("pki.settle_intents"))


@shared_task(name="pki.sign_crl")  # type: ignore[untyped-decorator]  # celery has no types
def sign_crl(authority: int) -> None:
    """Sign the list of one authority if it is behind or ends soon."""
    services.sign_crl_if_due(actor=actor.system("pki.sign_crl"), authority=authority)


@shared_task(name="pki.sign_due_crls")  # type: ignore[untyped-decorator]  # celery has no types
def sign_due_crls() -> None:
    """Find the lists that are due; each is signed by a task of its own."""
    services.enqueue_due_crls()


@shared_task(name="pki.roll_responder")  # type: ignore[untyped-decorator]  # celery has no types
def roll_responder(authority: int) -> None:
    """Give one authority a new OCSP delegate if it needs one."""
    row = Authority.objects.select_related("key").get(pk=authority)
    services.roll_responder(actor=actor.system("pki.roll_responder"), authority=row)


@shared_task(name="pki.roll_due_responders")  # type: ignore[untyped-decorator]  # celery has no types
def roll_due_responders() -> None:
    """Find the authorities that need an OCSP delegate."""
    services.enqueue_due_responders()


@shared_task(name="pki.roll_authorities")  # type: ignore[untyped-decorator]  # celery has no types
def roll_authorities() -> None:
    """Follow the sub-CAs that end within the life of what they issue."""
    services.roll_authorities(actor=actor.system("pki.roll_authorities"), now=timezone.now())


@shared_task(name="pki.forget_old_answers")  # type: ignore[untyped-decorator]  # celery has no types
def forget_old_answers() -> None:
    """Delete stored OCSP answers that have ended."""
    services.forget_old_answers(at=timezone.now())


@shared_task(name="pki.refresh_status")  # type: ignore[untyped-decorator]  # celery has no types
def refresh_status() -> None:
    """Fetch again what is stored about foreign certificates and grows old."""
    status.refresh_due(at=timezone.now())


@shared_task(name="pki.lapse_requests")  # type: ignore[untyped-decorator]  # celery has no types
def lapse_requests() -> None:
    """End requests for certificates that waited too long."""
    services.lapse_requests(actor=actor.system("pki.lapse_requests"), at=timezone.now())
