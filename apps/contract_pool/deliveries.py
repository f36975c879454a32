"""One row for each request of a vehicle or OEM backend, delivered or refused."""

from datetime import datetime
from typing import Final

from django.db import connection

from apps.contract_pool.models import Delivery
from apps.contract_pool.serving import Row
from apps.core import statements
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from v2g.ids import Emaid, Pcid

_BLANK: Final[dict[str, object]] = {
    "way": "",
    "outcome": "",
    "reason": "",
    "organization_id": None,
    "caller": "",
    "pcid": "",
    "emaid_key": "",
    "contract_id": None,
    "contract_data_id": None,
    "at": None,
    "notice": Delivery.Notice.OPEN,
}
# Written out, because an object of the ORM takes as long as all the rest of a delivery.
_INSERT: Final = (
    f"INSERT INTO contract_pool_delivery ({', '.join(_BLANK)})"  # noqa: S608  names of our own
    f" VALUES ({', '.join(['%s'] * len(_BLANK))})"
)


def deliver(actor: Actor, way: Delivery.Way, row: Row, *, pcid: Pcid, at: datetime) -> None:
    """Note what was handed out."""
    _insert(
        actor,
        way=way,
        outcome=Delivery.Outcome.DELIVERED,
        pcid=str(pcid),
        emaid_key=row.emaid_key,
        contract_id=row.contract_id,
        contract_data_id=row.data_id,
        at=at,
    )


def refuse(
    actor: Actor,
    way: Delivery.Way,
    *,
    reason: str,
    at: datetime,
    pcid: Pcid | None,
    emaid: Emaid | None = None,
) -> None:
    """Note why nothing was handed out."""
    _insert(
        actor,
        way=way,
        outcome=Delivery.Outcome.REFUSED,
        reason=reason[:60],
        pcid=str(pcid or ""),
        emaid_key=emaid.key if emaid else "",
        at=at,
    )


def _insert(actor: Actor, *, at: datetime, **fields: object) -> None:
    if actor.organization_id is None:
        raise Forbidden("role", "Contract data is handed out to organisations only.")
    values = {
        **_BLANK,
        **fields,
        "organization_id": actor.organization_id,
        "caller": actor.identifier[:64],
        "at": connection.ops.adapt_datetimefield_value(at),
    }
    statements.run(_INSERT, [values[name] for name in _BLANK])
