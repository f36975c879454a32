"""generateSignedContractData: the V2G MO CA makes contract data for an MO without its own CA.

Issue first, store second: whatever breaks in between leaves a certificate without data, which is
revoked here, and nothing half-written in the pool.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.contract_pool import paths, vehicles
from apps.contract_pool import services as pool
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import mo_of, require_check_digit, require_unbound
from apps.core import transactions
from apps.core.actor import Actor
from apps.core.errors import Invalid
from apps.participants import rights
from apps.participants.models import Organization
from apps.pki import selectors as pki
from apps.pki import services as issuing
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.provisioning_service import selectors, signing
from apps.provisioning_service.signing import ReadySigner
from v2g import envelope
from v2g.envelope import SealedKey
from v2g.ids import Emaid, Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CONTRACT_LEAF
from v2g.protocol import IsoVersion

BACKDATED: Final = timedelta(hours=1)
"""So that a vehicle whose clock is behind takes the certificate too."""
ENDS_IN_PAST: Final = "The given contractEnds date is in the past."


def generate(
    *,
    actor: Actor,
    pcid: Pcid,
    emaid: Emaid,
    begins: datetime,
    ends: datetime,
    version: IsoVersion = IsoVersion.ISO_2,
    root: bytes | UUID | None = None,
    subscription_url: str = "",
    meta_data: str = "",
) -> Contract:
    """Make contract data for a vehicle, sign it and store it; for the same EMAID again, replace it.

    One certificate, signed under `root` or under each V2G root that the vehicle carries. It is
    valid from one hour before `begins` (or now) for at most two years, never past `ends`; the
    contract key exists in the clear only here. Raises Forbidden, Invalid with OPCP's texts,
    Conflict, Unavailable. Never inside a transaction.
    """
    rights.require(actor, rights.Operation.CPS_GENERATE, provider_id=emaid.provider_id)
    transactions.forbid("Generating contract data")
    require_check_digit(emaid)
    now = timezone.now()
    _require_period(begins, ends, now)
    vehicle, certificate = vehicles.current(pcid, now=now)
    require_unbound(emaid, pcid)
    signers = selectors.choose(
        selectors.ready(at=now), root=paths.named_root(root) if root else None, vehicle=vehicle
    )
    terms = pool.Terms(
        pcid=pcid,
        emaid=emaid,
        mo_id=mo_of(emaid),
        begins=begins,
        ends=ends,
        subscription_url=subscription_url,
        meta_data=meta_data,
        vehicle_fingerprint=certificate.fingerprint,
    )
    authority = pki.authority_for(purpose=Authority.Purpose.MO, at=now, version=version)
    issued, sealed = _issue(actor, authority, terms, certificate, now)
    try:
        bundles = _sign(authority, issued, emaid, sealed, signers)
        contract = pool.conclude(actor=actor, terms=terms, bundles=bundles)
    except BaseException:
        issuing.revoke(actor=actor, certificates=[issued], reason=RevocationReason.CESSATION)
        raise
    return contract


def _require_period(begins: datetime, ends: datetime, now: datetime) -> None:
    if ends <= now:
        raise Invalid("ends_in_past", ENDS_IN_PAST)
    if begins >= ends:
        raise Invalid("ends_before_begins", "The given contractEnds date is before contractBegins.")


def _issue(
    actor: Actor,
    authority: Authority,
    terms: pool.Terms,
    vehicle: Certificate,
    now: datetime,
) -> tuple[IssuedCertificate, SealedKey]:
    """The contract certificate, and its key sealed for the vehicle; the plain key ends here."""
    if not isinstance(vehicle.public_key, ec.EllipticCurvePublicKey):
        raise Invalid("pcid_not_available", vehicles.NOT_AVAILABLE)
    key = ec.generate_private_key(authority.version.curve)
    sealed = envelope.seal(key, vehicle.public_key)
    begins = max(max(now, terms.begins) - BACKDATED, authority.not_before)
    ends = min(terms.ends, begins + CONTRACT_LEAF.max_validity, authority.not_after)
    issued = issuing.issue(
        actor=actor,
        authority=authority,
        profile=CONTRACT_LEAF,
        common_name=str(terms.emaid),
        public_key=key.public_key(),
        not_before=begins.replace(microsecond=0),
        not_after=ends.replace(microsecond=0),
        owner=Organization.objects.get(pk=terms.mo_id),
    )
    return issued, sealed


def _sign(
    authority: Authority,
    issued: IssuedCertificate,
    emaid: Emaid,
    sealed: SealedKey,
    signers: Sequence[ReadySigner],
) -> list[Bundle]:
    above = pki.path_of(authority)[:-1]
    chain = [issued.certificate, *above]
    contract = paths.find(chain, profile=CONTRACT_LEAF, version=authority.version)
    checked = paths.by_us(contract, at=timezone.now())
    return [
        signing.sign(contract=checked, emaid=emaid, sealed=sealed, signer=signer).bundle
        for signer in signers
    ]
