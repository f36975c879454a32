"""One row for each request of a vehicle or OEM backend, delivered or refused."""

from datetime import datetime

from apps.contract_pool.models import Delivery
from apps.contract_pool.serving import Row
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from v2g.ids import Emaid, Pcid


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


def _insert(actor: Actor, **fields: object) -> None:
    if actor.organization_id is None:
        raise Forbidden("role", "Contract data is handed out to organisations only.")
    Delivery.objects.create(
        organization_id=actor.organization_id, caller=actor.identifier[:64], **fields
    )
