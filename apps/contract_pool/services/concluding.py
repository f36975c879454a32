"""The one transaction in which contract data enters the pool, whoever made and signed it."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool import renewal, telling
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import (
    BOUND,
    ENDED,
    IN_USE,
    RENEWED,
    certificates_of,
)
from apps.contract_pool.services import rows
from apps.contract_pool.services.rows import Terms
from apps.contract_pool.vehicles import NOT_AVAILABLE
from apps.core import bulk, locks
from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Invalid, Unavailable
from apps.pki import services as pki
from apps.pki import sub_cas
from apps.pki.models import IssuedCertificate, SubCa
from apps.pki.status import Source
from apps.provisioning_pool.models import ProvisioningCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Terms with their signed data, one bundle for each V2G root, all with the same certificate."""

    terms: Terms
    bundles: Sequence[Bundle]


Outcome = Contract | DomainError


@dataclass(slots=True)
class _Stored:
    """What a conclusion became: the contract, and whether it took the place of older data."""

    conclusion: Conclusion
    contract: Contract
    owner_id: int
    replaced: bool


def conclude(
    *,
    actor: Actor,
    conclusion: Conclusion,
    then: Callable[[Sequence[Outcome]], None] | None = None,
) -> Contract:
    """Store one conclusion, see `conclude_many`. Raises Invalid, Unavailable."""
    outcome = conclude_many(actor=actor, conclusions=[conclusion], then=then)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def conclude_many(
    *,
    actor: Actor,
    conclusions: Sequence[Conclusion],
    then: Callable[[Sequence[Outcome]], None] | None = None,
) -> list[Outcome]:
    """Store checked contract data: new contracts, or replacements of what EMAIDs have.

    At most 250 at once, each EMAID once. A replacement keeps the default flag; data with an older
    contract certificate goes, so a vehicle never gets a superseded one. The first contract of a
    PCID that has none becomes its default. What cannot be stored has its error as its outcome:
    Invalid where the EMAID is bound to another PCID, runs though it must be new, or the vehicle
    left, Conflict where its data is not what this one `replaces`, Unavailable where the vehicle has
    a new certificate, so that making the data again may help; the others are stored. `then` runs
    inside the transaction with the outcomes. Raises Unavailable where another writer won, and what
    `then` raises; nothing is stored then.
    """
    if len({one.terms.emaid.key for one in conclusions}) != len(conclusions) > 0:
        raise ValueError("An EMAID is concluded once in a batch")
    try:
        with transaction.atomic():
            outcomes = _conclude(actor, conclusions)
            if then is not None:
                then(outcomes)
            return outcomes
    except IntegrityError as error:
        raise Unavailable("raced", "Another request changed this contract. Try again.") from error


def _conclude(actor: Actor, conclusions: Sequence[Conclusion]) -> list[Outcome]:
    terms = [one.terms for one in conclusions]
    named = (name for one in terms for name in (f"pcid:{one.pcid}", f"emaid:{one.emaid.key}"))
    locks.hold_all(named, shared=[pki.REVOCATION])
    now = timezone.now()
    vehicles = _vehicles(terms)
    running = _running(terms)
    held = _held(terms, running)
    busy = _with_contracts(terms)
    revoked = _revoked_meanwhile(conclusions)
    outcomes: list[Outcome | _Stored] = []
    for conclusion in conclusions:
        try:
            _require_issued(conclusion, revoked)
            _require_same(conclusion.terms, running, held)
            outcomes.append(_plan(conclusion, vehicles, running, busy, now))
        except DomainError as error:
            outcomes.append(error)
    _write(actor, [one for one in outcomes if isinstance(one, _Stored)], now)
    return [one.contract if isinstance(one, _Stored) else one for one in outcomes]


def _plan(
    conclusion: Conclusion,
    vehicles: Mapping[str, tuple[int, bytes]],
    running: Mapping[str, Contract],
    busy: set[str],
    now: datetime,
) -> _Stored:
    terms, pcid = conclusion.terms, str(conclusion.terms.pcid)
    if pcid not in vehicles:
        raise Invalid("pcid_not_available", NOT_AVAILABLE)
    owner_id, fingerprint = vehicles[pcid]
    if terms.vehicle_fingerprint not in (None, fingerprint):
        raise Unavailable("vehicle_changed", "The vehicle's certificate was replaced. Try again.")
    contract = running.get(terms.emaid.key)
    if contract is not None and contract.pcid != pcid:
        raise Invalid("emaid_bound", BOUND)
    if contract is not None and terms.must_be_new:
        raise Invalid("emaid_in_use", IN_USE)
    if contract is not None:
        return _Stored(conclusion, contract, owner_id, replaced=True)
    first = pcid not in busy
    busy.add(pcid)
    return _Stored(
        conclusion, rows.new_contract(terms, now, is_default=first), owner_id, replaced=False
    )


def _require_same(
    terms: Terms, running: Mapping[str, Contract], held: Mapping[str, Set[bytes]]
) -> None:
    """Refuse what was planned from data that another request has replaced meanwhile."""
    if terms.must_run and terms.emaid.key not in running:
        raise Conflict("contract_ended", ENDED)
    has = held.get(terms.emaid.key)
    if terms.replaces is not None and has is not None and terms.replaces != has:
        raise Conflict("renewed_meanwhile", RENEWED)


def _require_issued(conclusion: Conclusion, revoked: Set[bytes]) -> None:
    if any(revoked & _own(bundle) for bundle in conclusion.bundles):
        raise Invalid("revoked", "A certificate of the contract data was revoked just now.")


def _write(actor: Actor, stored: Sequence[_Stored], now: datetime) -> None:
    if not stored:
        return
    for one in stored:
        if one.replaced:
            rows.change_contract(one.contract, one.conclusion.terms)
        bundle = one.conclusion.bundles[0]
        leaf = bundle.contract.leaf
        renewal.note(one.contract, leaf.not_after, by_us=leaf.fingerprint in _own(bundle))
    bulk.insert([one.contract for one in stored if not one.replaced])
    for one in stored:
        if one.replaced:
            rows.save_changed(one.contract)
            rows.drop_replaced(one.contract, one.conclusion.bundles)
    pki.keep(fingerprints=[one.conclusion.bundles[0].contract.leaf.fingerprint for one in stored])
    above = _sub_cas(stored)
    bulk.insert(
        [
            rows.data_row(one.contract, bundle, above, now)
            for one in stored
            for bundle in one.conclusion.bundles
        ]
    )
    for replaced, action in ((False, "contract_pool.store"), (True, "contract_pool.replace")):
        entries = [
            rows.audit_entry(one.contract, one.conclusion.bundles)
            for one in stored
            if one.replaced is replaced
        ]
        if entries:
            audit.record_many(actor=actor, action=action, entries=entries)
    telling.oem_stored(
        telling.Storing(one.contract, one.owner_id, one.conclusion.bundles[0], one.replaced)
        for one in stored
    )


def _vehicles(terms: Sequence[Terms]) -> dict[str, tuple[int, bytes]]:
    """Owner and fingerprint of the vehicles that are in the PCP."""
    vehicles = ProvisioningCertificate.objects.filter(pcid__in=[str(one.pcid) for one in terms])
    found = vehicles.values_list("pcid", "owner_id", "fingerprint")
    return {pcid: (owner_id, bytes(fingerprint)) for pcid, owner_id, fingerprint in found}


def _running(terms: Sequence[Terms]) -> dict[str, Contract]:
    found = Contract.objects.running().filter(emaid_key__in=[one.emaid.key for one in terms])
    return {contract.emaid_key: contract for contract in found}


def _held(terms: Sequence[Terms], running: Mapping[str, Contract]) -> Mapping[str, Set[bytes]]:
    """The contract certificates of those EMAIDs whose data was planned to be replaced."""
    asked = {one.emaid.key for one in terms if one.replaces is not None}
    return certificates_of([contract for key, contract in running.items() if key in asked])


def _revoked_meanwhile(conclusions: Sequence[Conclusion]) -> Set[bytes]:
    """Our own certificates in the data that are not good any more, looked at again.

    A revocation comes either before, or after, when it finds what was stored: the rows of contract
    certificates are held until the transaction ends. Those of sub-CAs and signers, which all
    share, are not: whoever revokes one waits for the lock that is shared here.
    """
    ours = {own for one in conclusions for bundle in one.bundles for own in _own(bundle)}
    leaves = {bundle.contract.leaf.fingerprint for one in conclusions for bundle in one.bundles}
    issued = IssuedCertificate.objects.filter(state=IssuedCertificate.State.ISSUED)
    held = issued.select_for_update().filter(fingerprint__in=ours & leaves).order_by("pk")
    shared = issued.filter(fingerprint__in=ours - leaves)
    good = [*held.values_list("fingerprint", flat=True)]
    good += shared.values_list("fingerprint", flat=True)
    return ours - {bytes(fingerprint or b"") for fingerprint in good}


def _own(bundle: Bundle) -> set[bytes]:
    records = (bundle.contract.record, bundle.signer.record)
    return {
        bytes.fromhex(status["sha256"])
        for record in records
        for status in record["status"]
        if status["by"] == Source.OWN.value
    }


def _with_contracts(terms: Sequence[Terms]) -> set[str]:
    """The PCIDs that have a running contract, default or not."""
    found = Contract.objects.running().of_vehicles([str(one.pcid) for one in terms])
    return set(found.values_list("pcid", flat=True))


def _sub_cas(stored: Sequence[_Stored]) -> dict[bytes, SubCa]:
    needed = {
        certificate.fingerprint: certificate
        for one in stored
        for certificate in one.conclusion.bundles[0].contract.chain.sub_cas
    }
    return dict(zip(needed, sub_cas.remember(list(needed.values())), strict=True))
