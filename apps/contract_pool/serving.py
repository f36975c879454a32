"""What may be handed out for a vehicle now: the one query of the hot path, and its checks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection

from apps.contract_pool.requests import RootName
from apps.contract_pool.vehicles import Vehicle
from apps.core import statements
from apps.core.errors import Invalid
from apps.pki.status.reading import require_good
from apps.provisioning_pool.reading import held
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.ids import Emaid, Pcid
from v2g.pki.anchors import RootKind
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True)
class Row:
    """Contract data of one V2G root, with its contract and the vehicle it is for."""

    vehicle: Vehicle
    anchors_number: int
    contract_id: int
    data_id: int
    exi: bytes
    root_id: int
    contract_root_id: int
    checks: Mapping[str, Any]
    emaid: str
    emaid_key: str
    meta_data: str


# Written out, because building it anew costs several times what running it does: this is read for
# every vehicle at every charge point. Every join is over a unique index.
_SELECT: Final = """
SELECT (SELECT number FROM root_pool_generation WHERE id = 1),
       c.id, d.id, d.exi, d.root_id, d.contract_root_id, d.checks, c.emaid, c.emaid_key,
       c.meta_data, v.der, v.owner_id, v.root_id, v.checks, v.v2g_roots, v.not_before, v.not_after,
       s1.not_after >= %s AND (s2.id IS NULL OR s2.not_after >= %s)
  FROM contract_pool_contract c
  JOIN contract_pool_contractdata d ON d.contract_id = c.id
  JOIN provisioning_pool_provisioningcertificate v ON v.pcid = c.pcid
  JOIN pki_subca s1 ON s1.id = v.sub_ca1_id
  LEFT JOIN pki_subca s2 ON s2.id = v.sub_ca2_id
 WHERE c.pcid = %s AND c.state = 'running'
   AND d.namespace = %s AND d.valid_from <= %s AND d.valid_until >= %s
"""
_NEWEST_FIRST: Final = " ORDER BY d.id DESC"
_OF_DEFAULT: Final = _SELECT + "AND c.is_default" + _NEWEST_FIRST
_OF_EMAID: Final = _SELECT + "AND c.emaid_key = %s" + _NEWEST_FIRST


def of_default(pcid: Pcid, *, version: IsoVersion, now: datetime) -> list[Row]:
    """Read the current data of the vehicle's default contract, the newest first."""
    return _rows(_OF_DEFAULT, pcid, version, now)


def of_contract(pcid: Pcid, emaid: Emaid, *, version: IsoVersion, now: datetime) -> list[Row]:
    """Read the current data of one running contract of the vehicle, the newest first."""
    return _rows(_OF_EMAID, pcid, version, now, emaid.key)


def _rows(sql: str, pcid: Pcid, version: IsoVersion, now: datetime, *more: str) -> list[Row]:
    at = connection.ops.adapt_datetimefield_value(now)
    found = statements.run(sql, [at, at, str(pcid), version.namespace, at, at, *more])
    return [_row(*values) for values in found]


def _row(
    number: int | None,
    contract_id: int,
    data_id: int,
    stream: bytes,
    root_id: int,
    contract_root_id: int,
    checks: str,
    emaid: str,
    emaid_key: str,
    meta_data: str,
    *vehicle: Any,
) -> Row:
    der, owner_id, vehicle_root_id, vehicle_checks, v2g_roots, begins, ends, sub_cas_valid = vehicle
    return Row(
        Vehicle(
            bytes(der),
            owner_id,
            vehicle_root_id,
            json.loads(vehicle_checks),
            json.loads(v2g_roots),
            statements.instant(begins),
            statements.instant(ends),
            bool(sub_cas_valid),
        ),
        number or 0,
        contract_id,
        data_id,
        bytes(stream),
        root_id,
        contract_root_id,
        json.loads(checks),
        emaid,
        emaid_key,
        meta_data,
    )


def signer_root(row: Row) -> TrustedRoot | None:
    """The V2G root that the data was signed under; None once it left the RCP."""
    return roots.trusted_by_pk(row.root_id, known_generation=row.anchors_number)


def pick(found: Sequence[Row], listed: frozenset[RootName]) -> tuple[Row, TrustedRoot] | None:
    """Choose the newest data that was signed under a V2G root which the vehicle lists."""
    for row in found:
        known = _v2g_roots(row.anchors_number)
        root = signer_root(row)
        if root and any(known.get(name) == root for name in listed):
            return row, root
    return None


def require_served(row: Row, *, now: datetime) -> None:
    """Check validity and stored status of all that hangs on the row.

    The validity of what is inside the data was part of the query, its paths and signature were
    checked when it was stored; here the vehicle's path, the roots and the status remain.
    `certificate` is the vehicle's. Raises Invalid: expired, not_yet_valid, unknown_root, revoked,
    status_unknown.
    """
    number, vehicle = row.anchors_number, row.vehicle
    vehicle_root = vehicle.require_valid(
        roots.trusted_by_pk(vehicle.root_id, known_generation=number), now=now
    )
    contract_root = roots.trusted_by_pk(row.contract_root_id, known_generation=number)
    signed_under = signer_root(row)
    if contract_root is None or signed_under is None:
        raise Invalid("unknown_root", "A root of the contract data is not trusted any more.")
    require_good(
        [
            *held(vehicle.checks, vehicle_root),
            *held(row.checks["contract"], contract_root),
            *held(row.checks["signer"], signed_under),
        ],
        at=now,
    )


@lru_cache(maxsize=4)
def _v2g_roots(number: int) -> Mapping[RootName, TrustedRoot]:
    """The V2G roots of one generation of the anchors, as vehicles name them."""
    return {
        (root.certificate.issuer.key, root.certificate.serial): root
        for root in roots.all_trusted(known_generation=number)
        if root.kind is RootKind.V2G
    }
