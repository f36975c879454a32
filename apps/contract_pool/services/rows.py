"""The rows that a conclusion becomes: contract, contract data, audit entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.audit import services as audit
from apps.contract_pool import renewal
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract, ContractData
from apps.pki.models import SubCa
from v2g.ids import Emaid, Pcid


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a contract is: whose, for which vehicle, from when to when.

    `vehicle_fingerprint` names the provisioning certificate that the contract key was encrypted
    for, where that is known: it must still be the current one when the data is stored. With
    `must_be_new` an EMAID that runs already is refused instead of its data being replaced.
    `replaces` names the contract certificates that the EMAID had when the data was planned: where
    it has others by then, another request was faster and this one is refused. With `must_run` an
    EMAID that does not run any more is refused instead of being concluded anew.
    """

    pcid: Pcid
    emaid: Emaid
    mo_id: int
    begins: datetime
    ends: datetime
    subscription_url: str = ""
    meta_data: str = ""
    vehicle_fingerprint: bytes | None = None
    must_be_new: bool = False
    replaces: frozenset[bytes] | None = None
    must_run: bool = False


def new_contract(terms: Terms, now: datetime, *, is_default: bool) -> Contract:
    return Contract(
        emaid_key=terms.emaid.key,
        emaid=str(terms.emaid),
        pcid=str(terms.pcid),
        mo_id=terms.mo_id,
        is_default=is_default,
        begins=terms.begins,
        ends=terms.ends,
        subscription_url=terms.subscription_url,
        meta_data=terms.meta_data,
        concluded_at=now,
    )


def change_contract(contract: Contract, terms: Terms) -> None:
    contract.emaid = str(terms.emaid)
    contract.mo_id = terms.mo_id
    contract.begins, contract.ends = terms.begins, terms.ends
    contract.subscription_url = terms.subscription_url or contract.subscription_url
    contract.meta_data = terms.meta_data or contract.meta_data


def save_changed(contract: Contract) -> None:
    changed = ["emaid", "mo", "begins", "ends", "subscription_url", "meta_data"]
    contract.save(update_fields=[*changed, *renewal.NOTED])


def drop_replaced(contract: Contract, bundles: Sequence[Bundle]) -> None:
    same_place = Q(
        namespace=bundles[0].version.namespace,
        root__in=[bundle.signer.root.pk for bundle in bundles],
    )
    older = ~Q(certificate_fingerprint=bundles[0].contract.leaf.fingerprint)
    ContractData.objects.filter(same_place | older, contract=contract).delete()


def data_row(
    contract: Contract, bundle: Bundle, above: Mapping[bytes, SubCa], now: datetime
) -> ContractData:
    leaf, chain = bundle.contract.leaf, bundle.contract.chain.sub_cas
    return ContractData(
        contract=contract,
        namespace=bundle.version.namespace,
        root_id=bundle.signer.root.pk,
        exi=bundle.exi,
        certificate_fingerprint=leaf.fingerprint,
        certificate_issuer=chain[0].fingerprint,
        certificate_serial=leaf.serial_octets,
        certificate_not_before=leaf.not_before,
        certificate_not_after=leaf.not_after,
        contract_sub_ca2=above[chain[0].fingerprint] if len(chain) > 1 else None,
        contract_sub_ca1=above[chain[-1].fingerprint],
        contract_root_id=bundle.contract.root.pk,
        signer_fingerprint=bundle.signer.leaf.fingerprint,
        # The certificate is backdated; a vehicle gets it once the contract has begun.
        valid_from=max(bundle.valid_from, contract.begins),
        valid_until=bundle.valid_until,
        checks={"contract": bundle.contract.record, "signer": bundle.signer.record},
        stored_at=now,
    )


def audit_entry(contract: Contract, bundles: Sequence[Bundle]) -> audit.Entry:
    return audit.Entry(
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
