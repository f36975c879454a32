"""The bodies of OPCP's CPS, flat and nested, as typed values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from apps.contract_pool.api import fields
from apps.core.errors import Invalid
from apps.provisioning_service.contract_data import ContractData
from v2g.ids import Emaid

SUB_CERTIFICATES: Final = "contractSignatureCertChainSubCertificates"
_CHAIN: Final = "contractSignatureCertChain"
_LIST_ERROR: Final = f"Invalid certificate format on {SUB_CERTIFICATES} list"


def contract_data(body: Mapping[str, Any]) -> ContractData:
    """Read `contractData`: flat (ContractData V1), or with the chain nested as in ISO 15118-2."""
    data = body.get("contractData")
    if not isinstance(data, Mapping):
        raise Invalid("missing", "contractData : must not be null")
    chain = data.get(_CHAIN)
    nested = chain if isinstance(chain, Mapping) else None
    sub_ca2, sub_ca1 = _sub_cas(data, nested)
    return ContractData(
        certificate=_leaf(data, nested),
        sub_ca2=sub_ca2,
        sub_ca1=sub_ca1,
        encrypted_private_key=_field(data, "contractSignatureEncryptedPrivateKey"),
        dh_public_key=_field(data, "dHpublickey"),
    )


def emaid(body: Mapping[str, Any]) -> Emaid | None:
    """Read the EMAID of the older, nested form, which may name it outside and inside.

    The service compares it with the CN of the certificate. Raises Invalid for a bad one, and where
    the two differ.
    """
    data = body.get("contractData")
    places = (body, data if isinstance(data, Mapping) else {})
    found = [fields.emaid(place["emaid"]) for place in places if place.get("emaid") is not None]
    if len({one.key for one in found}) > 1:
        raise Invalid("emaid_differs", "The EMAIDs of the request differ.")
    return found[0] if found else None


def instant(body: Mapping[str, Any], name: str) -> datetime:
    """Read a timestamp of ISO 8601; without an offset it is UTC."""
    value = body.get(name)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        raise Invalid("instant", f"The {name} does not match the specification")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _leaf(data: Mapping[str, Any], nested: Mapping[str, Any] | None) -> bytes:
    if nested is None:
        return _field(data, "contractCertificate")
    name = "contractSignatureCertChainCertificate"
    return fields.octets(nested, name, path=f"contractData.{_CHAIN}.{name}")


def _sub_cas(
    data: Mapping[str, Any], nested: Mapping[str, Any] | None
) -> tuple[bytes | None, bytes]:
    listed = (nested if nested is not None else data).get(SUB_CERTIFICATES)
    if listed is None and nested is None:
        sub_ca2 = data.get("contractSubCa2Certificate")
        return (
            _field(data, "contractSubCa2Certificate") if sub_ca2 else None,
            _field(data, "contractSubCa1Certificate"),
        )
    if not isinstance(listed, list) or not 1 <= len(listed) <= 2:
        raise Invalid("sub_certificates", _LIST_ERROR)
    try:
        found = [fields.decode(one, SUB_CERTIFICATES) for one in listed]
    except Invalid as error:
        raise Invalid("sub_certificates", _LIST_ERROR) from error
    return (found[0], found[1]) if len(found) == 2 else (None, found[0])


def _field(data: Mapping[str, Any], name: str) -> bytes:
    return fields.octets(data, name, path=f"contractData.{name}")
