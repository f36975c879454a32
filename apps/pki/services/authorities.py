"""Our own certificate authorities."""

import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.keys import services as keys
from apps.keys.models import StoredKey
from apps.participants.rights import Operation, require
from apps.pki import rolling
from apps.pki.models import Authority
from apps.pki.services.issuance import Order, issue_many
from apps.pki.services.settlement import require_kept
from v2g.errors import CertificateError
from v2g.pki import builder
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import SUB_CAS, V2G_ROOT, Branch, Profile
from v2g.protocol import IsoVersion


def create_authority(
    *,
    actor: Actor,
    name: str,
    purpose: Authority.Purpose,
    parent: Authority | None = None,
    version: IsoVersion = IsoVersion.ISO_2,
    organization_name: str = "",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    follows: Authority | None = None,
) -> Authority:
    """Make a CA with a key of its own: a V2G root without `parent`, else a sub-CA below it.

    `name` becomes the common name. Validity runs from now for as long as the profile allows
    (root 40 years [V2G2-011]), never beyond the parent's. A sub-CA takes the parent's generation
    of ISO 15118. `follows` is the CA that it is to take the place of. Raises Forbidden for others
    than an administrator of the operator, Invalid where the profile is broken, Conflict
    (`followed`) where another was faster to follow. Never inside a transaction.
    """
    transactions.forbid("Making an authority")
    require(actor, Operation.AUTHORITIES_MANAGE)
    profile = _profile(purpose, parent)
    generation = parent.version if parent else version
    begins = (not_before or timezone.now()).replace(microsecond=0)
    ends = not_after or begins + profile.max_validity
    if parent:
        ends = min(ends, parent.certificate.not_after)
    key = keys.create(label=f"CA {name}", curve=generation.curve.name)
    public_key = keys.public_key(key)
    if parent is None:
        subject = Subject(name, organization_name)
        certificate = _self_sign(profile, generation, subject, key, (begins, ends))
    else:
        order = Order(
            profile=profile,
            common_name=name,
            public_key=public_key,
            not_before=begins,
            not_after=ends,
            organization_name=organization_name,
            provisional=True,
        )
        certificate = issue_many(actor=actor, authority=parent, orders=[order])[0].certificate
    return _save(actor, name, purpose, parent, key, certificate, follows)


def _profile(purpose: Authority.Purpose, parent: Authority | None) -> Profile:
    if parent is None:
        if purpose is not Authority.Purpose.V2G:
            raise Invalid("not_a_root", "Only a V2G root stands without a CA above it.")
        return V2G_ROOT
    if purpose is Authority.Purpose.V2G or parent.level == Authority.Level.SUB2:
        raise Invalid("too_deep", "Below the root stand Sub1 and Sub2, and no CA below those.")
    if parent.level == Authority.Level.SUB1 and parent.purpose != purpose:
        raise Invalid("other_purpose", f"{parent.name} serves {parent.purpose}, not {purpose}.")
    return SUB_CAS[Branch(purpose)][parent.level]


def _self_sign(
    profile: Profile,
    version: IsoVersion,
    subject: Subject,
    key: StoredKey,
    validity: tuple[datetime, datetime],
) -> Certificate:
    """A root has no issuer whose table could hold an intent; the stored key is its trace."""
    private: ec.EllipticCurvePrivateKey = keys.private_key(key)
    draft = Draft(
        profile=profile,
        version=version,
        subject=subject,
        public_key=private.public_key(),
        serial=builder.serial_from(secrets.token_bytes(builder.SERIAL_OCTETS)),
        not_before=validity[0],
        not_after=validity[1],
    )
    try:
        return builder.issue(draft, issuer=None, signing_key=private)
    except CertificateError as error:
        raise Invalid("breaks_profile", f"The root cannot be made: {error}.") from error


def _save(
    actor: Actor,
    name: str,
    purpose: Authority.Purpose,
    parent: Authority | None,
    key: StoredKey,
    certificate: Certificate,
    follows: Authority | None,
) -> Authority:
    with transaction.atomic():
        if follows:
            _require_unfollowed(follows)
        if parent:
            require_kept(fingerprint=certificate.fingerprint)
        authority = Authority.objects.create(
            name=name,
            purpose=purpose,
            level=parent.level + 1 if parent else Authority.Level.ROOT,
            parent=parent,
            key=key,
            der=certificate.der,
            fingerprint=certificate.fingerprint,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
        )
        audit.record(
            actor=actor,
            action="pki.create_authority",
            target_type="authority",
            target_id=str(authority.uuid),
            detail={"name": name, "purpose": str(purpose), "level": authority.level},
        )
    return authority


def _require_unfollowed(authority: Authority) -> None:
    locks.hold(f"authority:{authority.pk}")
    active = Authority.objects.select_related("key").filter(active=True)
    if rolling.is_followed(authority, active):
        raise Conflict("followed", f"{authority.name} is followed already.")
