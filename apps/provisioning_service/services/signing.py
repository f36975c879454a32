"""signContractData: an MO with a CA of its own has its contract data signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool import bundles, paths, vehicles
from apps.contract_pool import services as pool
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.selectors import mo_of, require_unbound
from apps.contract_pool.vehicles import Vehicle
from apps.core.actor import Actor
from apps.core.emaids import require_check_digit
from apps.core.errors import Invalid
from apps.participants import rights
from apps.provisioning_service import selectors
from apps.provisioning_service.contract_data import ContractData
from apps.provisioning_service.signing import SignedData
from apps.provisioning_service.signing import sign as sign_with
from v2g import xml
from v2g.ids import Emaid, Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CONTRACT_LEAF
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Signed contract data as the MO gets it back: the V2G_Message in XML, under which root."""

    xml: bytes
    emaid: str
    pcid: str | None
    version: IsoVersion
    root: Certificate
    meta_data: str


def sign(
    *,
    actor: Actor,
    version: IsoVersion,
    contract_data: ContractData,
    pcid: Pcid | None = None,
    emaid: Emaid | None = None,
    root: bytes | UUID | None = None,
    meta_data: str = "",
    must_be_new: bool = False,
    replaces: frozenset[bytes] | None = None,
    then: Callable[[Sequence[pool.Outcome]], None] | None = None,
) -> Signed:
    """Sign contract data; with a PCID also store it, once for each V2G root the vehicle carries.

    The contract chain is leaf, Sub2, Sub1 of a CA below an MO or V2G root of the RCP, valid now
    and not revoked; its CN is an EMAID of the actor's provider ids (and `emaid`, where given).
    What is handed back is signed under `root`, else under the newest root. With `must_be_new` an
    EMAID that runs already is refused, with `replaces` one that does not run any more or has other
    contract certificates by then (Conflict). `then` runs inside the transaction that stores. Raises
    Forbidden, Invalid, Unavailable, and what `then` raises.
    """
    rights.require_role(actor, rights.Operation.CPS_SIGN)
    now = timezone.now()
    chain = paths.read(contract_data.chain, what=bundles.CONTRACT_CHAIN)
    named = bundles.emaid_of(chain[0])
    rights.require(actor, rights.Operation.CPS_SIGN, provider_id=named.provider_id)
    _require_same(named, emaid)
    sealed = bundles.require_envelope(
        contract_data.encrypted_private_key, contract_data.dh_public_key
    )
    vehicle = _vehicle(pcid, named, now)
    signers = selectors.choose(
        selectors.ready(at=now), root=paths.named_root(root) if root else None, vehicle=vehicle
    )
    contract = paths.check(chain, profile=CONTRACT_LEAF, version=version, at=now)
    signed = [
        sign_with(contract=contract, emaid=named, sealed=sealed, signer=signer)
        for signer in signers
    ]
    if pcid is None:
        _record(actor, signed[0].bundle)
    else:
        made = [one.bundle for one in signed]
        conclusion = pool.Conclusion(
            terms=_terms(pcid, made[0], meta_data, must_be_new, replaces), bundles=made
        )
        pool.conclude(actor=actor, conclusion=conclusion, then=then)
    return _answer(signed[0], pcid, meta_data)


def _require_same(named: Emaid, given: Emaid | None) -> None:
    require_check_digit(named)
    if given is not None and given.key != named.key:
        raise Invalid("emaid_differs", "The EMAID is not the CN of the contract certificate.")


def _vehicle(pcid: Pcid | None, emaid: Emaid, now: datetime) -> Vehicle | None:
    if pcid is None:
        return None
    found = vehicles.current(pcid, now=now)
    require_unbound(emaid, pcid)
    return found.vehicle


def _terms(
    pcid: Pcid,
    bundle: Bundle,
    meta_data: str,
    must_be_new: bool,
    replaces: frozenset[bytes] | None,
) -> pool.Terms:
    return pool.Terms(
        pcid=pcid,
        emaid=bundle.emaid,
        mo_id=mo_of(bundle.emaid),
        begins=bundle.contract.leaf.not_before,
        ends=bundle.contract.leaf.not_after,
        meta_data=meta_data,
        must_be_new=must_be_new,
        replaces=replaces,
        must_run=replaces is not None,
    )


def _record(actor: Actor, bundle: Bundle) -> None:
    """Nothing is stored, but a signature of ours went out."""
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="provisioning_service.sign",
            target_type="contract",
            target_id=bundle.emaid.key,
            detail={
                "certificate": bundle.contract.leaf.fingerprint.hex(),
                "signer": bundle.signer.leaf.fingerprint.hex(),
            },
        )


def _answer(signed: SignedData, pcid: Pcid | None, meta_data: str) -> Signed:
    return Signed(
        xml=xml.write(signed.message),
        emaid=str(signed.bundle.emaid),
        pcid=str(pcid) if pcid else None,
        version=signed.bundle.version,
        root=signed.bundle.signer.root.certificate,
        meta_data=meta_data,
    )
