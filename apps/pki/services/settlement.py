"""The end of what was begun and never finished: a process died, or the database was lost.

An intent that was signed, perhaps, but not stored is given up. A certificate that was stored, but
not what it was issued for, is revoked: contract data is made of a key that lived in one process,
and nobody ever uses the certificate of a CA, signer or responder without its row.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.pki.services.issuance import GIVEN_UP
from apps.pki.services.publishing import take_back
from apps.pki.services.revocation import revoke

GRACE = timedelta(minutes=5)
_BATCH = 500


def keep(*, fingerprints: Collection[bytes]) -> int:
    """Note that what these certificates were issued for is stored, in the transaction of that.

    Returns how many were still to be kept.
    """
    kept = IssuedCertificate.objects.filter(fingerprint__in=fingerprints, provisional=True)
    return kept.update(provisional=False)


def require_kept(*, fingerprint: bytes) -> None:
    """Keep the certificate, in the transaction that stores what it is for.

    Raises Unavailable (`intent_settled`) where it was revoked meanwhile.
    """
    if not keep(fingerprints=[fingerprint]):
        raise Unavailable("intent_settled", GIVEN_UP)


def settle_intents(*, actor: Actor) -> int:
    """Give up intents, and revoke what nobody kept, that are older than five minutes.

    Returns how many, at most 500 of each kind.
    """
    return _abandon(actor) + _revoke_unkept(actor)


def _revoke_unkept(actor: Actor) -> int:
    """Who stores late looks at the certificate first and is refused, so both cannot win."""
    overdue = IssuedCertificate.objects.unkept_since(timezone.now() - GRACE)
    rows = list(overdue.order_by("intended_at")[:_BATCH])
    reason = RevocationReason.CESSATION
    return len(revoke(actor=actor, certificates=rows, reason=reason, unless_kept=True))


def _abandon(actor: Actor) -> int:
    """Give up intents: what was signed, if anything was, nobody holds.

    Its octets were never stored. It is therefore never good: an abandoned serial is answered like
    a revoked one and stands on the CRL. The conditional update makes a late signer's own store
    fail, so both cannot win.
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
