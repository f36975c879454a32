"""CPS certificates of ours: made under a V2G root of the RCP, retired when revoked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool import paths
from apps.contract_pool.services import withdraw_signed_by
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.keys import services as keys
from apps.keys.models import StoredKey
from apps.participants import rights
from apps.pki import selectors as pki
from apps.pki import services as issuing
from apps.pki import sub_cas
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_service.models import Signer
from v2g.pki.profiles import CPS_LEAF

BACKDATED = timedelta(hours=1)


def create_signer(
    *,
    actor: Actor,
    root: bytes,
    common_name: str,
    not_after: datetime | None = None,
    follows: Signer | None = None,
) -> Signer:
    """Issue a CPS certificate below the V2G root with this SHA-256; it signs from now on.

    At most four years, never beyond its CA. `follows` is the signer that it is to take the place
    of. Raises Forbidden unless an administrator of the operator (or the system) asks, Invalid where
    the root is not trusted, Unavailable where we have no CPS authority below it, Conflict
    (`followed`) where another was faster to follow. Never inside a transaction.
    """
    rights.require(actor, rights.Operation.AUTHORITIES_MANAGE)
    transactions.forbid("Making a signer")
    trusted = paths.named_root(root)
    now = timezone.now().replace(microsecond=0)
    authority = pki.authority_for(purpose=Authority.Purpose.CPS, at=now, root=root)
    begins = max(now - BACKDATED, authority.not_before)
    ends = min(not_after or authority.not_after, begins + CPS_LEAF.max_validity)
    key = keys.create(label=f"CPS {common_name}")
    order = issuing.Order(
        profile=CPS_LEAF,
        common_name=common_name,
        public_key=keys.public_key(key),
        not_before=begins,
        not_after=min(ends, authority.not_after),
        provisional=True,
    )
    issued = issuing.issue_many(actor=actor, authority=authority, orders=[order])[0]
    above = pki.path_of(authority)[:-1]
    found = paths.find([issued.certificate, *above], profile=CPS_LEAF, version=authority.version)
    return _save(actor, issued, key, found, trusted.pk, follows)


def retire_signers(*, fingerprints: Sequence[bytes]) -> None:
    """Stop signing with CPS certificates that, or whose sub-CAs, were revoked."""
    hit = Signer.objects.filter(active=True).filter(
        Q(fingerprint__in=fingerprints)
        | Q(sub_ca2__fingerprint__in=fingerprints)
        | Q(sub_ca1__fingerprint__in=fingerprints)
    )
    retired = [bytes(one) for one in hit.values_list("fingerprint", flat=True)]
    if retired:
        Signer.objects.filter(fingerprint__in=retired).update(active=False)
        withdraw_signed_by(fingerprints=retired)


def _save(
    actor: Actor,
    issued: IssuedCertificate,
    key: StoredKey,
    path: paths.CheckedPath,
    root_id: int,
    follows: Signer | None,
) -> Signer:
    leaf = path.leaf
    with transaction.atomic():
        if follows:
            _require_unfollowed(follows)
        issuing.require_kept(fingerprint=leaf.fingerprint)
        above = sub_cas.remember(path.chain.sub_cas)
        signer = Signer.objects.create(
            root_id=root_id,
            key=key,
            certificate=issued,
            der=leaf.der,
            fingerprint=leaf.fingerprint,
            sub_ca2=above[0] if len(above) == 2 else None,
            sub_ca1=above[-1],
            namespace=path.chain.version.namespace,
            not_before=leaf.not_before,
            not_after=leaf.not_after,
        )
        audit.record(
            actor=actor,
            action="provisioning_service.create_signer",
            target_type="signer",
            target_id=leaf.fingerprint.hex(),
            detail={"common_name": leaf.common_name, "root": path.root.certificate.subject.text},
        )
    return signer


def _require_unfollowed(signer: Signer) -> None:
    locks.hold(f"signer:{signer.pk}")
    newer = Signer.objects.filter(root=signer.root_id, namespace=signer.namespace, active=True)
    if newer.filter(not_after__gt=signer.not_after).exists():
        raise Conflict("followed", "This signer is followed already.")
