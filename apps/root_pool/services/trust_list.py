"""The list of trusted roots, signed: GetCertificateTrustList of OPCP, in the form of docs/rcp.md.

Who reads the list has it signed when the anchors changed since or the stored one is over a day
old; the key and its certificate are made by a sweep, never by a reader.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import NotFound, Unavailable
from apps.keys import services as keys
from apps.participants.rights import Operation, require
from apps.pki import selectors as pki
from apps.pki.models import Authority
from apps.pki.services import Order, issue_many, require_kept
from apps.root_pool import generation, trust_list
from apps.root_pool.models import RootCertificate, TrustList, TrustListSigner
from v2g.pki.profiles import TRUST_LIST_SIGNER
from v2g.protocol import IsoVersion

GOOD_FOR: Final = timedelta(days=7)
SIGNED_ANEW_AFTER: Final = timedelta(days=1)
SIGNER_LIFETIME: Final = timedelta(days=365)
ROLLED_BEFORE_END: Final = timedelta(days=30)
_ROW: Final = 1


def current_trust_list(*, actor: Actor) -> TrustList:
    """Return the signed list of today's trusted roots.

    Raises Forbidden, NotFound where there is no root or nobody to sign. Never inside a
    transaction.
    """
    require(actor, Operation.RCP_READ)
    now = timezone.now().replace(microsecond=0)
    number = generation.current()
    stored = TrustList.objects.select_related("signer__certificate").filter(pk=_ROW).first()
    if stored and _is_current(stored, number, now):
        return stored
    signer = _signer(now)
    roots = list(RootCertificate.objects.trusted().order_by("pk"))
    if signer is None or not roots:
        raise NotFound("no_trust_list", "There is no certificate trust list.")
    return _sign(actor, signer, roots, number, now)


def roll_trust_list_signer(*, actor: Actor) -> TrustListSigner | None:
    """Make a key that signs the list, if there is none for the next thirty days.

    Its certificate comes from our newest CPS Sub2. None where there is nothing to do, or no such
    authority. Never inside a transaction.
    """
    transactions.forbid("Making a trust list signer")
    now = timezone.now().replace(microsecond=0)
    lasting = now + ROLLED_BEFORE_END
    if TrustListSigner.objects.good(since=now, until=lasting).exists():
        return None
    authority = _authority(now)
    if authority is None or authority.not_after <= lasting:
        return None
    key = keys.create(label="Trust list", curve=authority.key.curve)
    order = Order(
        profile=TRUST_LIST_SIGNER,
        common_name="Trust list signer",
        public_key=keys.public_key(key),
        not_before=now,
        not_after=min(now + SIGNER_LIFETIME, authority.not_after),
        provisional=True,
    )
    issued = issue_many(actor=actor, authority=authority, orders=[order])[0]
    with transaction.atomic():
        require_kept(fingerprint=issued.certificate.fingerprint)
        return TrustListSigner.objects.create(certificate=issued, key=key)


def _authority(now: datetime) -> Authority | None:
    """Our newest CPS Sub2, of ISO 15118-2 where there is one: every tool knows its curve."""
    for version in IsoVersion:
        try:
            return pki.authority_for(purpose=Authority.Purpose.CPS, at=now, version=version)
        except Unavailable:
            continue
    return None


def _is_current(stored: TrustList, number: int, now: datetime) -> bool:
    certificate = stored.signer.certificate
    return (
        stored.generation == number
        and stored.issued_at <= now < stored.issued_at + SIGNED_ANEW_AFTER
        and certificate.state == certificate.State.ISSUED
    )


def _signer(now: datetime) -> TrustListSigner | None:
    good = TrustListSigner.objects.good(since=now, until=now + GOOD_FOR)
    rows = good.select_related("key", "certificate__authority__parent__parent")
    return rows.order_by("-pk").first()


def _sign(
    actor: Actor,
    signer: TrustListSigner,
    roots: list[RootCertificate],
    number: int,
    now: datetime,
) -> TrustList:
    """Sign outside of any transaction; keep it unless the anchors changed meanwhile."""
    transactions.forbid("Signing the trust list")
    content = trust_list.content(roots, issued_at=now, next_update=now + GOOD_FOR)
    above = pki.path_of(signer.certificate.authority)[:-1]
    row = TrustList(
        pk=_ROW,
        generation=number,
        signer=signer,
        der=trust_list.sign(
            content,
            certificate=signer.certificate.certificate,
            above=above,
            key=keys.private_key(signer.key),
        ),
        issued_at=now,
        next_update=now + GOOD_FOR,
    )
    with transaction.atomic():
        locks.hold("root_pool.trust_list")
        if generation.current() == number:
            row.save()
        audit.record(
            actor=actor,
            action="root_pool.sign_trust_list",
            target_type="trust_list",
            target_id=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            detail={
                "roots": len(roots),
                "signer": bytes(signer.certificate.fingerprint or b"").hex(),
            },
        )
    return row
