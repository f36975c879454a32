"""Revocation of certificates that our own authorities issued."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.pki import signals
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.pki.services.publishing import take_back


def revoke(
    *, actor: Actor, certificates: Iterable[IssuedCertificate], reason: RevocationReason
) -> list[IssuedCertificate]:
    """Revoke those of the certificates that are not revoked yet, and return them.

    Asking again changes nothing and tells nobody. Stored OCSP answers about them go and the CRLs
    that must name them are marked, in the same transaction. `signals.revoked` lets the pools above
    withdraw what the certificates stood for in it, too. A CA that is revoked
    issues no more. Whether the actor may do so is checked by the caller, who knows whose they are.
    """
    asked = [certificate.pk for certificate in certificates]
    issued = IssuedCertificate.objects.filter(pk__in=asked, state=IssuedCertificate.State.ISSUED)
    with transaction.atomic():
        rows = list(issued.select_for_update().order_by("pk"))
        if not rows:
            return []
        now = timezone.now()
        issued.filter(pk__in=[row.pk for row in rows]).update(
            state=IssuedCertificate.State.REVOKED, revoked_at=now, reason=reason
        )
        for row in rows:
            row.state, row.revoked_at, row.reason = IssuedCertificate.State.REVOKED, now, reason
        fingerprints = [bytes(row.fingerprint or b"") for row in rows]
        Authority.objects.filter(fingerprint__in=fingerprints).update(active=False)
        take_back(rows)
        _log(actor, rows, reason)
        signals.revoked.send(
            sender=IssuedCertificate,
            certificates=[row.pk for row in rows],
            fingerprints=fingerprints,
            actor=actor,
        )
    return rows


def _log(actor: Actor, rows: Iterable[IssuedCertificate], reason: RevocationReason) -> None:
    audit.record_many(
        actor=actor,
        action="pki.revoke",
        entries=[
            audit.Entry(
                target_type="certificate",
                target_id=bytes(row.fingerprint or b"").hex(),
                reason=reason.value,
                detail={"profile": row.profile, "common_name": row.common_name},
            )
            for row in rows
        ],
    )
