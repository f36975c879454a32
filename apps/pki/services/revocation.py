"""Revocation of certificates that our own authorities issued."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.pki import signals
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.pki.services import compromised
from apps.pki.services.publishing import take_back
from v2g.pki.profiles import CONTRACT_LEAF, OEM_LEAF

REVOCATION: Final = "revocation"
"""Lock of revoking a CA, a signer or a vehicle's certificate, one at a time: what they stood for
spans many rows. Who shares it sees none of them revoked until its transaction ends."""
_REACH: Final = {OEM_LEAF.name: 1, CONTRACT_LEAF.name: 2}
"""In which order kinds are revoked: those that others hang on (0) first, contracts last."""


def revoke(
    *,
    actor: Actor,
    certificates: Iterable[IssuedCertificate],
    reason: RevocationReason,
    unless_kept: bool = False,
) -> list[IssuedCertificate]:
    """Revoke those of the certificates that are not revoked yet, and return them.

    Asking again changes nothing and tells nobody. Stored OCSP answers about them go and the CRLs
    that must name them are marked, in the same transaction; compromised keys are remembered there
    (`services.compromised`), and `signals.revoked` lets the pools above withdraw what the
    certificates stood for. A CA that is revoked issues no more. Whether the actor may do so is
    checked by the caller, who knows whose they are.

    The locks that the pools need (`signals.revoking`) are taken before any row: whoever ends a
    contract or withdraws a vehicle begins with its lock as well. `unless_kept` passes over those
    that are not provisional any more by then. Never inside a transaction, which may hold rows
    already: see `revoke_held`.
    """
    transactions.forbid("Revoking certificates")
    asked = list(certificates)
    if not asked:
        return []
    with transaction.atomic():
        locks.hold_all(_locks(asked, reason))
        if unless_kept:
            asked = _held_unkept(asked)
        return revoke_held(actor=actor, certificates=asked, reason=reason)


def revoke_held(
    *, actor: Actor, certificates: Iterable[IssuedCertificate], reason: RevocationReason
) -> list[IssuedCertificate]:
    """Revoke inside the caller's transaction, which holds the locks of what follows; see `revoke`.

    To be called once in a transaction: two batches could meet those of another one crosswise.
    """
    by_reach: dict[int, list[int]] = {}
    for certificate in certificates:
        reach = _REACH.get(certificate.profile, 0)
        by_reach.setdefault(reach, []).append(certificate.pk)
    return [
        row for reach in sorted(by_reach) for row in _revoke(actor, by_reach[reach], reason=reason)
    ]


def _revoke(
    actor: Actor, asked: Sequence[int], *, reason: RevocationReason
) -> list[IssuedCertificate]:
    issued = IssuedCertificate.objects.filter(pk__in=asked, state=IssuedCertificate.State.ISSUED)
    with transaction.atomic():
        rows = list(issued.select_for_update().order_by("pk"))
        if not rows:
            return []
        now = timezone.now()
        issued.filter(pk__in=[row.pk for row in rows]).update(
            state=IssuedCertificate.State.REVOKED,
            revoked_at=now,
            reason=reason,
            provisional=False,
        )
        for row in rows:
            row.state, row.revoked_at, row.reason = IssuedCertificate.State.REVOKED, now, reason
        fingerprints = [bytes(row.fingerprint or b"") for row in rows]
        Authority.objects.filter(fingerprint__in=fingerprints).update(active=False)
        take_back(rows)
        if reason in compromised.REASONS:
            compromised.remember(rows, at=now)
        _log(actor, rows, reason)
        signals.revoked.send(
            sender=IssuedCertificate,
            certificates=[row.pk for row in rows],
            fingerprints=fingerprints,
            actor=actor,
        )
    return rows


def _held_unkept(asked: Sequence[IssuedCertificate]) -> list[IssuedCertificate]:
    found = IssuedCertificate.objects.select_for_update().filter(
        pk__in=[certificate.pk for certificate in asked], provisional=True
    )
    return list(found.order_by("pk"))


def _locks(asked: Sequence[IssuedCertificate], reason: RevocationReason) -> set[str]:
    """All names in one set: taken one after the other, they could meet another batch crosswise."""
    told = signals.revoking.send(sender=IssuedCertificate, certificates=asked)
    names: set[str] = set()
    for _, needed in told:
        names.update(needed or ())
    if any(certificate.profile != CONTRACT_LEAF.name for certificate in asked):
        names.add(REVOCATION)
    if reason in compromised.REASONS:
        names.add(compromised.LOCK)
    return names


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
