"""Contract data as look-ups show it, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from apps.contract_pool import bundles
from apps.core import statements
from v2g import exi
from v2g.ids import Emaid, Pcid
from v2g.messages import iso2
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractView:
    """Contract data as look-ups show it; `certificate` is the contract certificate in DER."""

    pcid: str
    emaid: str
    namespace: str
    certificate: bytes
    is_default: bool
    not_before: datetime
    not_after: datetime
    root_uuid: UUID
    root_subject: str
    root_fingerprint: bytes
    subscription_url: str
    meta_data: str


@dataclass(frozen=True, slots=True)
class Found:
    """A running contract; `data` is None where it has none of the version that was asked for."""

    pcid: str
    root_id: int | None
    data: ContractView | None


# Written out, because building it anew costs several times what running it does.
_SELECT: Final = """
SELECT c.pcid, d.root_id, c.emaid, d.namespace, d.exi, c.is_default, d.certificate_not_before,
       d.certificate_not_after, r.uuid, r.subject, r.fingerprint, c.subscription_url, c.meta_data
  FROM contract_pool_contract c
  LEFT JOIN contract_pool_contractdata d ON d.contract_id = c.id AND d.namespace = %s
  LEFT JOIN root_pool_rootcertificate r ON r.id = d.root_id
 WHERE c.state = 'running' AND
"""
_ORDER: Final = " ORDER BY c.id, d.id"
_OF_EMAID: Final = f"{_SELECT} c.emaid_key = %s {_ORDER}"
_OF_VEHICLE: Final = f"{_SELECT} c.pcid = %s {_ORDER}"


def of_emaid(emaid: Emaid, *, version: IsoVersion) -> list[Found]:
    """Read the running contract of an EMAID: a row for each V2G root, one where it has no data."""
    return _found(_OF_EMAID, version, emaid.key)


def of_vehicle(pcid: Pcid, *, version: IsoVersion) -> list[Found]:
    """Read all running contracts of a vehicle in the same way."""
    return _found(_OF_VEHICLE, version, str(pcid))


def _found(sql: str, version: IsoVersion, name: str) -> list[Found]:
    return [_one(row) for row in statements.run(sql, [version.namespace, name])]


def _one(row: Sequence[Any]) -> Found:
    pcid, root_id, emaid, namespace, stream, is_default, begins, ends, *more = row
    if root_id is None:
        return Found(pcid, None, None)
    uuid, subject, fingerprint, subscription_url, meta_data = more
    view = ContractView(
        pcid=pcid,
        emaid=emaid,
        namespace=namespace,
        certificate=_contract_certificate(bytes(stream)),
        is_default=bool(is_default),
        not_before=statements.instant(begins),
        not_after=statements.instant(ends),
        root_uuid=UUID(str(uuid)),
        root_subject=subject,
        root_fingerprint=bytes(fingerprint),
        subscription_url=subscription_url,
        meta_data=meta_data,
    )
    return Found(pcid, root_id, view)


def _contract_certificate(stream: bytes) -> bytes:
    body = exi.decode(stream).body
    if not isinstance(body, iso2.CertificateInstallationRes):
        raise TypeError("Stored contract data is not a CertificateInstallationRes")
    return bundles.chain_of(body.contract_signature_cert_chain)[0]
