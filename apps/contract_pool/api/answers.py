"""OPCP's JSON answers."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.contract_pool.lookups import ContractView
from apps.contract_pool.services import Installation
from v2g.protocol import ISO_2_MSGDEF


def installation(served: Installation) -> dict[str, Any]:
    """GetSignedContractDataResponse with one entry: some clients take the first, some the last."""
    message = {
        "certificateInstallationRes": base64.b64encode(served.exi).decode(),
        "emaid": served.emaid,
        "cpsV2GRootCertificateFingerprint": served.root_fingerprint.hex(),
    }
    return _response(message | ({"metaData": served.meta_data} if served.meta_data else {}))


def refusal(exi: bytes) -> dict[str, Any]:
    """The answer of a 404 that carries a FAILED_... response for the vehicle."""
    return _response({"certificateInstallationRes": base64.b64encode(exi).decode()})


def provided(served: Installation) -> dict[str, Any]:
    """ProvideContractDataResponse."""
    return {
        "certificateInstallationRes": base64.b64encode(served.exi).decode(),
        "xsdMsgDefNamespace": ISO_2_MSGDEF,
        "cpsV2GRootCertificateFingerprint": served.root_fingerprint.hex(),
    }


def contracts(found: Sequence[ContractView]) -> dict[str, Any]:
    """LookupContractResponse; `priority` 1 is the older spelling of the default flag."""
    return {"XMLContracts": [_contract(one) for one in found]}


def _contract(one: ContractView) -> dict[str, Any]:
    return {
        "pcid": one.pcid,
        "emaid": one.emaid,
        "xsdMsgDefNamespace": one.namespace,
        "contractCertificate": base64.b64encode(one.certificate).decode(),
        "defaultContract": one.is_default,
        "priority": 1 if one.is_default else 2,
        "certValidFrom": instant(one.not_before),
        "certValidTo": instant(one.not_after),
        "cpsRootCertificateId": str(one.root_uuid),
        "cpsRootCertificateDN": one.root_subject,
        "cpsRootDistinguishedName": one.root_subject,
        "cpsV2GRootCertificateFingerprint": one.root_fingerprint.hex(),
        "metaData": one.meta_data,
        "subscriptionUrl": one.subscription_url,
    }


def instant(value: datetime) -> str:
    """ISO 8601 in UTC with Z, whole seconds."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _response(message: dict[str, str]) -> dict[str, Any]:
    return {"CCPResponse": {"emaidContent": [{"messageDef": message}]}}
