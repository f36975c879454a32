"""The end of intents that nobody stored: a crash or a lost database between signing and storing."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.pki.services.publishing import take_back

GRACE = timedelta(minutes=5)
_BATCH = 500


def settle_intents(*, actor: Actor) -> int:
    """Give up intents older than five minutes; return how many, at most 500.

    What was signed, if anything was, is lost: nobody holds it and its octets were never stored. It
    is therefore never good: an abandoned serial is answered like a revoked one and stands on the
    CRL. The conditional update makes a late signer's own store fail, so both cannot win.
    """
    now = timezone.now()
    with transaction.atomic():
        overdue = list(
            IssuedCertificate.objects.open_since(now - GRACE)
            .select_for_update(skip_locked=True)
            .order_by("intended_at")[:_BATCH]
        )
        IssuedCertificate.objects.filter(
            pk__in=[row.pk for row in overdue], state=IssuedCertificate.State.INTENDED
        ).update(
            state=IssuedCertificate.State.ABANDONED,
            revoked_at=now,
            reason=RevocationReason.CESSATION,
        )
        take_back(overdue)
        audit.record_many(
            actor=actor,
            action="pki.abandon",
            entries=[
                audit.Entry(
                    target_type="certificate",
                    target_id=f"{row.authority_id}:{bytes(row.serial).hex()}",
                    detail={"profile": row.profile, "common_name": row.common_name},
                )
                for row in overdue
            ],
        )
    return len(overdue)
