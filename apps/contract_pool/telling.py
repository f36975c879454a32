"""OPCP events about contracts, written into the outbox of the change's transaction."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract
from apps.events.models import EventKind
from apps.events.services import Message, emit_many
from apps.provisioning_pool.models import ProvisioningCertificate

FOR_OEM = frozenset(
    {
        EventKind.OEM_CONTRACT_CREATED,
        EventKind.OEM_CONTRACT_UPDATED,
        EventKind.OEM_CONTRACT_DELETED,
    }
)
"""Of these the MO is told whether the OEM took them."""


@dataclass(frozen=True, slots=True)
class Storing:
    """Contract data that was stored: for whose vehicle, and whether it replaced other data."""

    contract: Contract
    owner_id: int
    bundle: Bundle
    replaced: bool


def oem_stored(stored: Iterable[Storing]) -> None:
    """Tell the owners of the vehicles that there is new or replaced contract data."""
    emit_many(messages=[_stored(one) for one in stored])


def oem_deleted(contract: Contract) -> int:
    """Tell the owner of the vehicle, while the vehicle is in the PCP, that a contract left.

    Return how many were told.
    """
    owner = ProvisioningCertificate.objects.filter(pcid=contract.pcid).values_list("owner_id")
    for (owner_id,) in owner:
        _emit(EventKind.OEM_CONTRACT_DELETED, owner_id, contract, _names(contract))
    return len(owner)


def mo_vehicle_deleted(contract: Contract) -> None:
    """Tell the MO that the vehicle of this EMAID left the PCP."""
    _emit(EventKind.MO_PROV_CERT_DELETED, contract.mo_id, contract, _names(contract))


def mo_vehicle_updated(contract: Contract) -> None:
    """Tell the MO that the vehicle of this EMAID has a new key and needs new contract data."""
    _emit(EventKind.MO_PROV_CERT_UPDATED, contract.mo_id, contract, _names(contract))


def mo_vehicle_reset(contract: Contract) -> None:
    """Tell the MO that the vehicle of this EMAID was reset to factory state."""
    _emit(EventKind.MO_PROV_CERT_FACTORY_RESET, contract.mo_id, contract, _names(contract))


def mo_renewal_due(contracts: Iterable[Contract]) -> None:
    """Ask the MO of each contract for new data of its own CA; ours, OPCP has no event for it."""
    kind = EventKind.MO_CONTRACT_RENEWAL_DUE
    emit_many(
        messages=[
            _message(kind, one.mo_id, one, _names(one) | {"certificateNotAfter": _instant(one)})
            for one in contracts
        ]
    )


def mo_delivered(contracts: Iterable[Contract]) -> None:
    """Tell the MO of each contract that its data reached the vehicle or its OEM."""
    kind = EventKind.MO_CONTRACT_DELIVERED
    emit_many(messages=[_message(kind, one.mo_id, one, _names(one)) for one in contracts])


def _stored(one: Storing) -> Message:
    root = one.bundle.signer.root.certificate
    payload = {
        **_names(one.contract),
        "contractCert": base64.b64encode(one.bundle.contract.leaf.der).decode(),
        "cpsSignerRootFingerprint": root.fingerprint.hex(),
        "cpsSignerRootCommonName": root.common_name,
        "signatureAlgorithm": root.curve,
    }
    replaced, created = EventKind.OEM_CONTRACT_UPDATED, EventKind.OEM_CONTRACT_CREATED
    return _message(replaced if one.replaced else created, one.owner_id, one.contract, payload)


def _instant(contract: Contract) -> str:
    if contract.successor_by is None:
        raise ValueError("The contract needs no successor")
    return contract.successor_by.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(contract: Contract) -> dict[str, Any]:
    return {"emaid": contract.emaid, "pcid": contract.pcid}


def _emit(
    kind: EventKind, organization_id: int, contract: Contract, payload: dict[str, Any]
) -> None:
    emit_many(messages=[_message(kind, organization_id, contract, payload)])


def _message(
    kind: EventKind, organization_id: int, contract: Contract, payload: dict[str, Any]
) -> Message:
    return Message(
        kind=kind,
        organization_id=organization_id,
        lane=contract.pcid,
        payload=payload,
        counterpart_id=contract.mo_id if kind in FOR_OEM else None,
    )
