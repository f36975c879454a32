"""Issuance as numbered steps: check, reserve, lint, persist the intent, sign, store, log.

The intent is committed before the key is used, so whatever breaks afterwards leaves a row that
the sweep settles (`services.settlement`); nothing that breaks its profile is ever signed.
Whether the actor may have the certificate is checked by the caller, who knows what it is for.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import IntegrityError, transaction

from apps.audit import services as audit
from apps.core import bulk, metrics, transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid, Unavailable
from apps.keys import services as keys
from apps.participants.models import Organization
from apps.pki import locations, rolling
from apps.pki.models import Authority, IssuedCertificate
from apps.pki.services.compromised import require_still_uncompromised, require_uncompromised
from v2g.errors import CertificateError
from v2g.pki import builder
from v2g.pki.builder import Draft, Prepared, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import (
    LEAVES,
    OCSP_RESPONDER,
    SUB_CAS,
    TRUST_LIST_SIGNER,
    VEHICLE_LEAF,
    Branch,
    Profile,
)
from v2g.protocol import IsoVersion

ISSUED = metrics.Counter("plugpool_certificates_issued_total", "Certificates issued.", "profile")
MAX_BATCH = 1000
GIVEN_UP = "Issuance took too long and was given up. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One certificate that is asked for. Times are aware; they must lie within the CA's own.

    `organization_name` becomes O of the subject; without one it is the owner's name.
    `provisional`: what it is issued for is stored afterwards, by who then calls
    `settlement.keep`; the sweep revokes what nobody kept. `once`: what was ordered under it
    before is not ordered again.
    """

    profile: Profile
    common_name: str
    public_key: ec.EllipticCurvePublicKey
    not_before: datetime
    not_after: datetime
    owner: Organization | None = None
    organization_name: str = ""
    country: str = ""
    provisional: bool = False
    once: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Intent:
    """One order on its way: the draft as it was linted, and the row that announces it."""

    prepared: Prepared
    row: IssuedCertificate


def issue(
    *,
    actor: Actor,
    authority: Authority,
    profile: Profile,
    common_name: str,
    public_key: ec.EllipticCurvePublicKey,
    not_before: datetime,
    not_after: datetime,
    owner: Organization | None,
    organization_name: str = "",
    once: UUID | None = None,
) -> IssuedCertificate:
    """Issue one certificate, see `issue_many`."""
    order = Order(
        profile=profile,
        common_name=common_name,
        public_key=public_key,
        not_before=not_before,
        not_after=not_after,
        owner=owner,
        organization_name=organization_name,
        once=once,
    )
    return issue_many(actor=actor, authority=authority, orders=[order])[0]


def issue_many(
    *, actor: Actor, authority: Authority, orders: Sequence[Order]
) -> list[IssuedCertificate]:
    """Issue certificates of one authority, at most 1,000 at once, in the order asked for.

    All or none are issued. Raises Invalid where an order breaks its profile or the authority's
    bounds (nothing was signed then), Forbidden for a key that was revoked as compromised
    (`compromised_key`, see `services.compromised`), Unavailable where the sweep gave the intents up
    meanwhile, Conflict where something was ordered under the same `once` (`ordered_already`). Never
    inside a transaction.
    """
    transactions.forbid("Issuing certificates")
    # 1. Check what the authority may issue, and the keys.
    issuer = authority.certificate
    for order in orders:
        _check(authority, issuer, order)
    if len(orders) > MAX_BATCH:
        raise Invalid("batch_too_large", f"At most {MAX_BATCH} certificates are issued at once.")
    require_uncompromised(order.public_key for order in orders)
    # 2. Reserve serials, 3. lint on a draft that a throw-away key signed.
    intents = [_prepare(authority, issuer, order) for order in orders]
    # 4. Persist the intents, committed before the key is touched.
    _announce(intents)
    # 5. Sign, outside of any transaction.
    key = keys.private_key(authority.key)
    signed = [builder.sign(intent.prepared, signing_key=key) for intent in intents]
    # 6. Store by conditional update, 7. and log.
    return _store(actor=actor, authority=authority, intents=intents, signed=signed)


def _announce(intents: Sequence[_Intent]) -> None:
    try:
        with transaction.atomic(durable=True):
            bulk.insert([intent.row for intent in intents])
    except IntegrityError as error:
        named = [intent.row.once for intent in intents if intent.row.once]
        if IssuedCertificate.objects.filter(once__in=named).exists():
            raise Conflict("ordered_already", "This certificate was ordered already.") from error
        raise


def _check(authority: Authority, issuer: Certificate, order: Order) -> None:
    if not authority.active:
        raise Invalid("authority_inactive", f"{authority.name} does not issue any more.")
    if not rolling.key_is_here(authority):
        raise Invalid("signs_elsewhere", f"The key of {authority.name} is kept elsewhere.")
    if order.profile not in _profiles_of(authority):
        raise Invalid(
            "profile_not_of_authority",
            f"{authority.name} does not issue {order.profile.name} certificates.",
        )
    if order.public_key.curve.name != issuer.curve:
        raise Invalid("wrong_curve", f"The public key must be on {issuer.curve}.")
    if not issuer.not_before <= order.not_before < order.not_after <= issuer.not_after:
        raise Invalid(
            "outside_authority",
            f"The certificate must begin and end between {issuer.not_before:%Y-%m-%d} and "
            f"{issuer.not_after:%Y-%m-%d}, while {authority.name} is valid.",
        )


def _profiles_of(authority: Authority) -> tuple[Profile, ...]:
    """Sub1 below the root, Sub2 below Sub1, leaves below Sub2 [V2G2-867, V2G2-009]."""
    if authority.level == Authority.Level.ROOT:
        return (OCSP_RESPONDER, *(sub1 for sub1, _ in SUB_CAS.values()))
    branch = Branch(authority.purpose)
    if authority.level == Authority.Level.SUB1:
        return (OCSP_RESPONDER, SUB_CAS[branch][1])
    if branch is Branch.OEM and authority.version is IsoVersion.ISO_20:
        return (OCSP_RESPONDER, LEAVES[branch], VEHICLE_LEAF)
    if branch is Branch.CPS:
        return (OCSP_RESPONDER, LEAVES[branch], TRUST_LIST_SIGNER)
    return (OCSP_RESPONDER, LEAVES[branch])


def _prepare(authority: Authority, issuer: Certificate, order: Order) -> _Intent:
    organization = order.organization_name or (order.owner.name if order.owner else "")
    draft = Draft(
        profile=order.profile,
        version=authority.version,
        subject=Subject(order.common_name, organization, order.country),
        public_key=order.public_key,
        serial=builder.serial_from(secrets.token_bytes(builder.SERIAL_OCTETS)),
        not_before=order.not_before,
        not_after=order.not_after,
        ocsp_url=locations.ocsp_url() if order.profile.needs_status_url else "",
        crl_url=locations.crl_url(authority) if order.profile.needs_status_url else "",
    )
    try:
        prepared = builder.prepare(draft, issuer=issuer)
    except CertificateError as error:
        raise Invalid("breaks_profile", f"The certificate cannot be issued: {error}.") from error
    row = IssuedCertificate(
        authority=authority,
        serial=prepared.serial_octets,
        profile=order.profile.name,
        common_name=order.common_name,
        owner=order.owner,
        not_before=order.not_before,
        not_after=order.not_after,
        provisional=order.provisional,
        once=order.once,
    )
    return _Intent(prepared, row)


def _store(
    *,
    actor: Actor,
    authority: Authority,
    intents: Sequence[_Intent],
    signed: Sequence[Certificate],
) -> list[IssuedCertificate]:
    rows = [intent.row for intent in intents]
    for row, certificate in zip(rows, signed, strict=True):
        row.state = IssuedCertificate.State.ISSUED
        row.der = certificate.der
        row.fingerprint = certificate.fingerprint
        row.certificate = certificate
    with transaction.atomic():
        require_still_uncompromised(row.certificate.public_key for row in rows)
        if not _conclude(rows):
            raise Unavailable("intent_settled", GIVEN_UP)
        audit.record_many(
            actor=actor,
            action="pki.issue",
            entries=[
                audit.Entry(
                    target_type="certificate",
                    target_id=certificate.fingerprint.hex(),
                    detail={
                        "profile": row.profile,
                        "common_name": row.common_name,
                        "serial": certificate.serial_octets.hex(),
                        "authority": str(authority.uuid),
                    },
                )
                for row, certificate in zip(rows, signed, strict=True)
            ],
        )
    for row in rows:
        ISSUED.add(row.profile)
    return rows


def _conclude(rows: Sequence[IssuedCertificate]) -> bool:
    """Write what was signed into intents that are all still open; False if one is not."""
    fields = ["state", "der", "fingerprint"]
    intended = {"state": IssuedCertificate.State.INTENDED.value}
    return bulk.update(rows, fields=fields, where=intended) == len(rows)
