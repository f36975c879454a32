"""What may be handed out for a vehicle now: the one query of the hot path, and its checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from apps.contract_pool import vehicles
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.requests import RootName
from apps.contract_pool.vehicles import Vehicle, held
from apps.core.errors import Invalid
from apps.pki.status.reading import require_good
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.pki.anchors import RootKind
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True)
class Row:
    """Contract data of one V2G root, with its contract and the vehicle it is for.

    After the first two the fields are those of `_COLUMNS`, in its order: no model instance is made
    on the hot path.
    """

    vehicle: Vehicle
    anchors_number: int
    data_id: int
    exi: bytes
    root_id: int
    contract_root_id: int
    checks: Mapping[str, Any]
    emaid: str
    emaid_key: str


_COLUMNS: Final = (
    "pk",
    "exi",
    "root_id",
    "contract_root_id",
    "checks",
    "contract__emaid",
    "contract__emaid_key",
    "generation",
)
_VEHICLE: Final = tuple(f"contract__vehicle__{column}" for column in vehicles.COLUMNS)


def rows(pcid: str, *, version: IsoVersion, now: datetime, **conditions: Any) -> list[Row]:
    """Read the current data of running contracts of a vehicle, the newest first, in one query."""
    found = (
        ContractData.objects.current(now)
        .filter(
            contract__pcid=pcid,
            contract__state=Contract.State.RUNNING,
            namespace=version.namespace,
            **conditions,
        )
        .annotate(generation=roots.generation_now())
        .order_by("-pk")
        .values_list(*_COLUMNS, *_VEHICLE)
    )
    return [_row(values) for values in found]


def _row(values: Sequence[Any]) -> Row:
    own = len(_COLUMNS)
    *described, generation = values[:own]
    vehicle = Vehicle(*values[own:])
    return Row(vehicle, generation or 0, *described)


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


def require_served(row: Row, certificate: Certificate, *, now: datetime) -> None:
    """Check validity and stored status of all that hangs on the row.

    The validity of what is inside the data was part of the query, its paths and signature were
    checked when it was stored; here the vehicle's path, the roots and the status remain.
    `certificate` is the vehicle's. Raises Invalid: expired, not_yet_valid, unknown_root, revoked,
    status_unknown.
    """
    number, vehicle = row.anchors_number, row.vehicle
    vehicle_root = vehicle.require_valid(
        certificate, roots.trusted_by_pk(vehicle.root_id, known_generation=number), now=now
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
