"""Requests for certificates that the operator approves one by one (RFC 7030 4.2.3).

A client asks, a person of the operator decides, and the client sends the same request again to
collect. The key makes it the same request: who sends it has proved to hold the key each time.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import DomainError, Forbidden, Invalid, TooMany
from apps.pki import kept
from apps.pki.labels import Label
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from apps.pki.services.compromised import key_hash
from apps.pki.services.leaves import issue_leaf, owner_of
from apps.pki.services.request_log import record
from apps.pki.services.settlement import GRACE, require_kept
from v2g.pki.csr import SigningRequest
from v2g.protocol import IsoVersion

State = EnrolmentRequest.State

MAX_OPEN: Final = 5
"""Requests of one organisation that wait at the same time."""
LIFETIME: Final = timedelta(days=14)
"""How long a request waits for a decision, and an approved one to be collected."""
REPEATED: Final = timedelta(days=1)
"""How long the same request gets the same certificate: the answer may have been lost."""


def ask(
    *, actor: Actor, label: Label, version: IsoVersion, request: SigningRequest, is_renewal: bool
) -> IssuedCertificate | EnrolmentRequest:
    """Return the certificate if the operator approved this key, else the request that waits.

    A new key becomes a request; at most five of an organisation wait at the same time. Raises
    Forbidden where it was refused or revoked, Invalid for a key on another curve, TooMany, and
    Unavailable without an authority. Whether the actor may use the label was checked before.
    Never inside a transaction.
    """
    transactions.forbid("Collecting a certificate")
    now = timezone.now()
    authority = kept.authority_for(purpose=label.purpose, at=now, version=version)
    curve = authority.version.curve.name
    if request.curve != curve:
        raise Invalid("wrong_curve", f"The public key must be on {curve}.")
    wanted = _row(actor, label, version, request, now)
    wanted.is_renewal = is_renewal
    found = _known(wanted, now) or _take_in(actor, wanted, now)
    if found.state == State.REFUSED:
        if found.reason:
            raise Forbidden("refused", f"The operator refused this request: {found.reason}")
        raise Forbidden("refused", "The operator refused this request.")
    if found.state == State.APPROVED:
        return _collect(actor, label, version, request.public_key, found)
    return _collected(found)


def _row(
    actor: Actor, label: Label, version: IsoVersion, request: SigningRequest, now: datetime
) -> EnrolmentRequest:
    return EnrolmentRequest(
        owner=owner_of(actor),
        requested_by=actor.identifier[:64],
        requested_by_label=actor.label[:150],
        profile=label.profile.name,
        common_name=request.common_name,
        namespace=version.namespace,
        public_key_hash=key_hash(request.public_key),
        requested_at=now,
        lapses_at=now + LIFETIME,
    )


def _known(wanted: EnrolmentRequest, now: datetime) -> EnrolmentRequest | None:
    """Find the same request. A refusal and a revocation hold for the key, whatever it is for."""
    same = EnrolmentRequest.objects.filter(
        owner=wanted.owner, public_key_hash=wanted.public_key_hash, namespace=wanted.namespace
    )
    gone = Q(state=State.REFUSED) | Q(certificate__state=IssuedCertificate.State.REVOKED)
    living = Q(lapses_at__gt=now, is_renewal=wanted.is_renewal) & ~Q(state=State.LAPSED)
    rows = same.filter(gone | living).select_related("certificate__authority")
    return rows.order_by("-pk").first()


def _take_in(actor: Actor, wanted: EnrolmentRequest, now: datetime) -> EnrolmentRequest:
    with transaction.atomic():
        locks.hold(f"enrolment:{wanted.owner_id}")
        found = _known(wanted, now)
        if found is not None:
            return found
        if EnrolmentRequest.objects.open(now).filter(owner=wanted.owner).count() >= MAX_OPEN:
            raise TooMany(
                "too_many_requests",
                f"{MAX_OPEN} requests of your organisation wait already. Collect what was "
                "approved, or wait for the operator's decision.",
            )
        wanted.save(force_insert=True)
        record(actor, "ask", wanted)
    return wanted


def _collect(
    actor: Actor,
    label: Label,
    version: IsoVersion,
    public_key: ec.EllipticCurvePublicKey,
    found: EnrolmentRequest,
) -> IssuedCertificate | EnrolmentRequest:
    """Issue once: who claims the request does; a claim that a crash left is free again later.

    The certificate is provisional until the request names it, in one transaction: what a sender
    that died or was too slow had signed, the sweep revokes. Whoever comes while another one
    collects waits (202) and gets the same certificate.
    """
    now = timezone.now()
    row = EnrolmentRequest.objects.filter(pk=found.pk)
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - GRACE)
    if not row.filter(free, state=State.APPROVED).update(claimed_at=now):
        return _collected(row.select_related("certificate__authority").get())
    try:
        issued = issue_leaf(
            actor=actor,
            label=label,
            version=version,
            common_name=found.common_name,
            public_key=public_key,
            provisional=True,
        )
        if _name(row.filter(claimed_at=now), issued, at=now):
            return issued
    except DomainError:
        row.filter(claimed_at=now).update(claimed_at=None)
        raise
    return _collected(row.select_related("certificate__authority").get())


def _name(claimed: QuerySet[EnrolmentRequest], issued: IssuedCertificate, *, at: datetime) -> bool:
    """Write the certificate into the request and keep it; False where the claim went to another.

    Raises Unavailable where the sweep gave the certificate up meanwhile.
    """
    with transaction.atomic():
        named = claimed.update(state=State.ISSUED, certificate=issued, lapses_at=at + REPEATED)
        if named:
            require_kept(fingerprint=issued.certificate.fingerprint)
    return bool(named)


def _collected(found: EnrolmentRequest) -> IssuedCertificate | EnrolmentRequest:
    if found.certificate is None:
        return found
    if found.certificate.state != IssuedCertificate.State.ISSUED:
        raise Forbidden("revoked", "The certificate of this key was revoked. Use a new key.")
    return found.certificate
