"""Contract data is made: checked, issued, sealed for its vehicle and signed, but not yet stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool import paths, vehicles
from apps.contract_pool.selectors import BOUND, certificates_of, mo_of, running
from apps.contract_pool.services import Conclusion, Outcome, Terms
from apps.contract_pool.vehicles import Current
from apps.core.actor import Actor
from apps.core.emaids import require_check_digit
from apps.core.errors import DomainError, Invalid
from apps.participants import rights
from apps.participants.models import Organization
from apps.pki import selectors as pki
from apps.pki import services as issuing
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_service import selectors, signing
from apps.provisioning_service.signing import ReadySigner
from apps.root_pool import generation
from v2g import envelope
from v2g.envelope import SealedKey
from v2g.ids import Emaid, Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CONTRACT_LEAF
from v2g.protocol import IsoVersion

BACKDATED: Final = timedelta(hours=1)
"""So that a vehicle whose clock is behind takes the certificate too."""
ENDS_IN_PAST: Final = "The given contractEnds date is in the past."


class Stage(StrEnum):
    """How far a batch came, told to whoever follows it; storing tells for itself."""

    ISSUED = "issued"
    SIGNED = "signed"


Told = Callable[[Stage], None]


def unheard(stage: Stage) -> None:
    """Nobody follows the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Contract data that is asked for. `root` is a SHA-256 or an RCP id; times are aware.

    With `must_be_new` an EMAID that runs already is refused instead of its data being replaced.
    `replaces` names the contract certificates that it has now, as Terms do, and that it runs;
    without it, those that it has when the order is begun: of two at once, one is carried out.
    """

    pcid: Pcid
    emaid: Emaid
    begins: datetime
    ends: datetime
    root: bytes | UUID | None = None
    subscription_url: str = ""
    meta_data: str = ""
    must_be_new: bool = False
    replaces: frozenset[bytes] | None = None


@dataclass(slots=True)
class Work:
    """An order on its way; it goes no further once it has an outcome."""

    order: Order
    outcome: Outcome | None = None
    vehicle: Current | None = None
    replaces: frozenset[bytes] | None = None
    signers: Sequence[ReadySigner] = ()
    issued: IssuedCertificate | None = None
    sealed: SealedKey | None = None
    conclusion: Conclusion | None = None

    @property
    def settled(self) -> Outcome:
        """What became of the order, once all is over."""
        if self.outcome is None:
            raise RuntimeError("The order is still on its way")
        return self.outcome


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all orders of a batch share."""

    actor: Actor
    authority: Authority
    above: tuple[Certificate, ...]
    available: Sequence[ReadySigner]
    owners: dict[int, Organization]
    anchors_number: int
    now: datetime


def make(
    actor: Actor,
    works: Sequence[Work],
    *,
    version: IsoVersion,
    now: datetime,
    told: Told = unheard,
    heard: Callable[[], None] = lambda: None,
) -> None:
    """Bring each work as far as its conclusion; what fails has its error as its outcome.

    `told` hears of each stage, between the transactions; `heard` is called before each request to
    a foreign status service. Raises Unavailable where there is no
    signer or no MO authority.
    """
    _each(works, lambda work: _check(actor, work.order, now))
    _find_vehicles(works, now, heard)
    authority = pki.authority_for(purpose=Authority.Purpose.MO, at=now, version=version)
    batch = _Batch(
        actor=actor,
        authority=authority,
        above=tuple(pki.path_of(authority)[:-1]),
        available=selectors.ready(at=now),
        owners={},
        anchors_number=generation.current(),
        now=now,
    )
    _each(works, lambda work: _choose(batch, work))
    open_works = [work for work in works if work.outcome is None]
    if open_works:
        _issue(batch, open_works)
        told(Stage.ISSUED)
        _each(open_works, lambda work: _sign(batch, work))
        told(Stage.SIGNED)


def _each(works: Sequence[Work], step: Callable[[Work], None]) -> None:
    for work in works:
        if work.outcome is None:
            try:
                step(work)
            except DomainError as error:
                work.outcome = error


def _check(actor: Actor, order: Order, now: datetime) -> None:
    rights.require(actor, rights.Operation.CPS_GENERATE, provider_id=order.emaid.provider_id)
    require_check_digit(order.emaid)
    if order.ends <= now:
        raise Invalid("ends_in_past", ENDS_IN_PAST)
    if order.begins >= order.ends:
        raise Invalid("ends_before_begins", "The given contractEnds date is before contractBegins.")


def _find_vehicles(works: Sequence[Work], now: datetime, heard: Callable[[], None]) -> None:
    orders = [work.order for work in works if work.outcome is None]
    found = vehicles.current_many([order.pcid for order in orders], now=now, heard=heard)
    runs = running([order.emaid for order in orders])
    seen = certificates_of(list(runs.values()))

    def step(work: Work) -> None:
        vehicle, key = found[work.order.pcid], work.order.emaid.key
        if isinstance(vehicle, Invalid):
            raise vehicle
        if key in runs and runs[key].pcid != str(work.order.pcid):
            raise Invalid("emaid_bound", BOUND)
        work.replaces = seen.get(key) if work.order.replaces is None else work.order.replaces
        work.vehicle = vehicle

    _each(works, step)


def _choose(batch: _Batch, work: Work) -> None:
    if _vehicle_key(work).curve.name != batch.authority.version.curve.name:
        raise Invalid("pcid_not_available", vehicles.NOT_AVAILABLE)
    root = work.order.root
    work.signers = selectors.choose(
        batch.available,
        root=paths.named_root(root) if root else None,
        vehicle=_vehicle(work).vehicle,
    )
    begins, ends = _validity(batch, work.order)
    if begins >= ends:
        raise Invalid("outside_authority", "The contract begins after the MO CA has ended.")


def _issue(batch: _Batch, works: Sequence[Work]) -> None:
    """Issue all certificates at once, each with a fresh key that is sealed and then forgotten."""
    batch.owners.update(Organization.objects.in_bulk({_mo(batch.actor, w.order) for w in works}))
    orders = [_certificate_order(batch, work) for work in works]
    issued = issuing.issue_many(actor=batch.actor, authority=batch.authority, orders=orders)
    for work, row in zip(works, issued, strict=True):
        work.issued = row


def _certificate_order(batch: _Batch, work: Work) -> issuing.Order:
    key = ec.generate_private_key(batch.authority.version.curve)
    work.sealed = envelope.seal(key, _vehicle_key(work))
    begins, ends = _validity(batch, work.order)
    return issuing.Order(
        profile=CONTRACT_LEAF,
        common_name=str(work.order.emaid),
        public_key=key.public_key(),
        not_before=begins,
        not_after=ends,
        owner=batch.owners[_mo(batch.actor, work.order)],
        provisional=True,
    )


def _sign(batch: _Batch, work: Work) -> None:
    issued, sealed = work.issued, work.sealed
    if issued is None or sealed is None:
        raise RuntimeError("The certificate was not issued")
    found = paths.find(
        [issued.certificate, *batch.above],
        profile=CONTRACT_LEAF,
        version=batch.authority.version,
        known_generation=batch.anchors_number,
    )
    contract = paths.by_us(found, at=batch.now)
    bundles = [
        signing.sign(contract=contract, emaid=work.order.emaid, sealed=sealed, signer=signer).bundle
        for signer in work.signers
    ]
    work.conclusion = Conclusion(terms=_terms(batch, work), bundles=bundles)


def _terms(batch: _Batch, work: Work) -> Terms:
    order = work.order
    return Terms(
        pcid=order.pcid,
        emaid=order.emaid,
        mo_id=_mo(batch.actor, order),
        begins=order.begins,
        ends=order.ends,
        subscription_url=order.subscription_url,
        meta_data=order.meta_data,
        must_be_new=order.must_be_new,
        replaces=work.replaces,
        must_run=order.replaces is not None,
        vehicle_fingerprint=_vehicle(work).certificate.fingerprint,
    )


def _validity(batch: _Batch, order: Order) -> tuple[datetime, datetime]:
    """At most two years, within the order and the CA; whole seconds, as certificates have them."""
    authority = batch.authority
    begins = max(max(batch.now, order.begins) - BACKDATED, authority.not_before)
    ends = min(order.ends, begins + CONTRACT_LEAF.max_validity, authority.not_after)
    return begins.replace(microsecond=0), ends.replace(microsecond=0)


def _mo(actor: Actor, order: Order) -> int:
    """Whose contract it is: the owner of the provider id, which mostly is who asks."""
    provider_id = str(order.emaid.provider_id)
    if actor.organization_id is not None and provider_id in actor.provider_ids:
        return actor.organization_id
    return mo_of(order.emaid)


def _vehicle(work: Work) -> Current:
    if work.vehicle is None:
        raise RuntimeError("The vehicle was not looked up")
    return work.vehicle


def _vehicle_key(work: Work) -> ec.EllipticCurvePublicKey:
    key = _vehicle(work).certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Invalid("pcid_not_available", vehicles.NOT_AVAILABLE)
    return key
