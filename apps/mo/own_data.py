"""Contract data of an MO's own CA, as a document of OPCP: what signContractData takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.contract_pool import bundles, paths
from apps.core.errors import Invalid
from apps.provisioning_service.api import bodies
from apps.provisioning_service.contract_data import ContractData
from v2g.ids import Emaid
from v2g.pki.certificate import Certificate

MAX_BYTES: Final = 50_000
"""Three certificates, a key and a point in base64 are far less."""
KEY_MARK: Final = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class OwnData:
    """A document that was read: its body for the draft, and the contract certificate in it."""

    body: dict[str, Any]
    certificate: Certificate
    emaid: Emaid


def parse(octets: bytes) -> OwnData:
    """Read a JSON document with `contractData`, or with its fields at the top.

    Raises Invalid. A private key in the clear is refused: nobody but the vehicle needs it.
    """
    if KEY_MARK in octets:
        raise Invalid("private_key", _("There is a private key in this file. Never hand it out."))
    try:
        document = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise Invalid("json", _("This is no JSON document.")) from error
    if not isinstance(document, dict):
        raise Invalid("json", _("This is no JSON object."))
    inner = document.get("contractData", document)
    return again({"contractData": inner})


def again(body: dict[str, Any]) -> OwnData:
    """Read the body that a draft kept. Raises Invalid."""
    data = read(body)
    leaf = paths.read(data.chain, what=bundles.CONTRACT_CHAIN)[0]
    bundles.require_envelope(data.encrypted_private_key, data.dh_public_key)
    return OwnData(body, leaf, bundles.emaid_of(leaf))


def read(body: Mapping[str, Any]) -> ContractData:
    """Read the body as the REST route does. Raises Invalid."""
    return bodies.contract_data(body)
