"""The one transaction in which contract data enters the pool, whoever made and signed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool import telling
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.selectors import BOUND
from apps.contract_pool.vehicles import NOT_AVAILABLE
from apps.core import locks
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.pki import sub_cas
from apps.pki.models import SubCa
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Emaid, Pcid


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a contract is: whose, for which vehicle, from when to when.

    `vehicle_fingerprint` names the provisioning certificate that the contract key was encrypted
    for, where that is known: it must still be the current one when the data is stored.
    """

    pcid: Pcid
    emaid: Emaid
    mo_id: int
    begins: datetime
    ends: datetime
    subscription_url: str = ""
    meta_data: str = ""
    vehicle_fingerprint: bytes | None = None


def conclude(*, actor: Actor, terms: Terms, bundles: Sequence[Bundle]) -> Contract:
    """Store checked contract data: a new contract, or the replacement of what an EMAID has.

    All bundles carry the same contract certificate. A replacement keeps the default flag; data
    with an older contract certificate goes, so a vehicle never gets a superseded one. The first
    contract of a PCID that has none becomes its default. Raises Invalid where the EMAID is bound
    to another PCID or the vehicle left meanwhile, Conflict where another writer won.
    """
    try:
        with transaction.atomic():
            return _conclude(actor, terms, bundles)
    except IntegrityError as error:
        raise Conflict("raced", "Another request changed this contract. Try again.") from error


def _conclude(actor: Actor, terms: Terms, bundles: Sequence[Bundle]) -> Contract:
    locks.hold(f"pcid:{terms.pcid}", f"emaid:{terms.emaid.key}")
    owner_id = _vehicle_owner(terms)
    now = timezone.now()
    contract = Contract.objects.running().filter(emaid_key=terms.emaid.key).first()
    replaced = contract is not None
    if contract is None:
        contract = _new(terms, now)
    elif contract.pcid != str(terms.pcid):
        raise Invalid("emaid_bound", BOUND)
    else:
        _change(contract, terms)
        _drop_replaced(contract, bundles)
    _insert(contract, bundles, now)
    _record(actor, contract, bundles, replaced=replaced)
    telling.oem_stored(contract, owner_id=owner_id, bundle=bundles[0], replaced=replaced)
    return contract


def _vehicle_owner(terms: Terms) -> int:
    vehicle = (
        ProvisioningCertificate.objects.filter(pcid=str(terms.pcid))
        .values_list("owner_id", "fingerprint")
        .first()
    )
    if vehicle is None:
        raise Invalid("pcid_not_available", NOT_AVAILABLE)
    owner_id, fingerprint = vehicle
    if terms.vehicle_fingerprint not in (None, bytes(fingerprint)):
        raise Conflict("vehicle_changed", "The vehicle's certificate was replaced. Try again.")
    return owner_id


def _new(terms: Terms, now: datetime) -> Contract:
    has_others = Contract.objects.running().filter(pcid=str(terms.pcid)).exists()
    return Contract.objects.create(
        emaid_key=terms.emaid.key,
        emaid=str(terms.emaid),
        pcid=str(terms.pcid),
        mo_id=terms.mo_id,
        is_default=not has_others,
        begins=terms.begins,
        ends=terms.ends,
        subscription_url=terms.subscription_url,
        meta_data=terms.meta_data,
        concluded_at=now,
    )


def _change(contract: Contract, terms: Terms) -> None:
    contract.emaid = str(terms.emaid)
    contract.mo_id = terms.mo_id
    contract.begins, contract.ends = terms.begins, terms.ends
    contract.subscription_url = terms.subscription_url or contract.subscription_url
    contract.meta_data = terms.meta_data or contract.meta_data
    contract.save(update_fields=["emaid", "mo", "begins", "ends", "subscription_url", "meta_data"])


def _drop_replaced(contract: Contract, bundles: Sequence[Bundle]) -> None:
    same_place = Q(
        namespace=bundles[0].version.namespace,
        root__in=[bundle.signer.root.pk for bundle in bundles],
    )
    older = ~Q(certificate_fingerprint=bundles[0].contract.leaf.fingerprint)
    ContractData.objects.filter(same_place | older, contract=contract).delete()


def _insert(contract: Contract, bundles: Sequence[Bundle], now: datetime) -> None:
    above = sub_cas.remember(bundles[0].contract.chain.sub_cas)
    rows = [_row(contract, bundle, above, now) for bundle in bundles]
    ContractData.objects.bulk_create(rows)


def _row(contract: Contract, bundle: Bundle, above: Sequence[SubCa], now: datetime) -> ContractData:
    leaf = bundle.contract.leaf
    return ContractData(
        contract=contract,
        namespace=bundle.version.namespace,
        root_id=bundle.signer.root.pk,
        exi=bundle.exi,
        certificate_fingerprint=leaf.fingerprint,
        certificate_issuer=bundle.contract.chain.sub_cas[0].fingerprint,
        certificate_serial=leaf.serial_octets,
        certificate_not_before=leaf.not_before,
        certificate_not_after=leaf.not_after,
        contract_sub_ca2=above[0] if len(above) == 2 else None,
        contract_sub_ca1=above[-1],
        contract_root_id=bundle.contract.root.pk,
        signer_fingerprint=bundle.signer.leaf.fingerprint,
        valid_from=bundle.valid_from,
        valid_until=bundle.valid_until,
        checks={"contract": bundle.contract.record, "signer": bundle.signer.record},
        stored_at=now,
    )


def _record(actor: Actor, contract: Contract, bundles: Sequence[Bundle], *, replaced: bool) -> None:
    audit.record(
        actor=actor,
        action="contract_pool.replace" if replaced else "contract_pool.store",
        target_type="contract",
        target_id=contract.emaid_key,
        detail={
            "pcid": contract.pcid,
            "emaid": contract.emaid,
            "default": contract.is_default,
            "certificate": bundles[0].contract.leaf.fingerprint.hex(),
            "roots": [bundle.signer.root.certificate.fingerprint.hex() for bundle in bundles],
        },
    )
