"""OPCP events about contracts, written into the outbox of the change's transaction."""

import base64
from typing import Any

from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract
from apps.events.models import EventKind
from apps.events.services import Message, emit_many
from apps.provisioning_pool.models import ProvisioningCertificate


def oem_stored(contract: Contract, *, owner_id: int, bundle: Bundle, replaced: bool) -> None:
    """Tell the owner of the vehicle that there is new or replaced contract data."""
    kind = EventKind.OEM_CONTRACT_UPDATED if replaced else EventKind.OEM_CONTRACT_CREATED
    root = bundle.signer.root.certificate
    payload = {
        **_names(contract),
        "contractCert": base64.b64encode(bundle.contract.leaf.der).decode(),
        "cpsSignerRootFingerprint": root.fingerprint.hex(),
        "cpsSignerRootCommonName": root.common_name,
        "signatureAlgorithm": root.curve,
    }
    _emit(kind, owner_id, contract, payload)


def oem_deleted(contract: Contract) -> None:
    """Tell the owner of the vehicle, while the vehicle is in the PCP, that a contract left."""
    owner = ProvisioningCertificate.objects.filter(pcid=contract.pcid).values_list("owner_id")
    for (owner_id,) in owner:
        _emit(EventKind.OEM_CONTRACT_DELETED, owner_id, contract, _names(contract))


def mo_vehicle_deleted(contract: Contract) -> None:
    """Tell the MO that the vehicle of this EMAID left the PCP."""
    _emit(EventKind.MO_PROV_CERT_DELETED, contract.mo_id, contract, _names(contract))


def mo_vehicle_updated(contract: Contract) -> None:
    """Tell the MO that the vehicle of this EMAID has a new key and needs new contract data."""
    _emit(EventKind.MO_PROV_CERT_UPDATED, contract.mo_id, contract, _names(contract))


def _names(contract: Contract) -> dict[str, Any]:
    return {"emaid": contract.emaid, "pcid": contract.pcid}


def _emit(
    kind: EventKind, organization_id: int, contract: Contract, payload: dict[str, Any]
) -> None:
    message = Message(
        kind=kind, organization_id=organization_id, lane=contract.pcid, payload=payload
    )
    emit_many(messages=[message])
