"""Many contracts at once, as a job: the rows of a list, worked off in batches by any worker."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy

from apps.contract_pool.services import Outcome
from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid, Unavailable
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.services import LeasedRow
from apps.participants import rights
from apps.provisioning_service.services.generating import generate_many
from apps.provisioning_service.services.making import Order
from v2g.errors import IdError
from v2g.ids import Emaid, Pcid

TASK: Final = "provisioning_service.generate_rows"
KIND: Final = registry.register(
    "provisioning_service.generate",
    task=TASK,
    title=gettext_lazy("Contracts in bulk"),
    columns=("pcid", "emaid", "begins", "ends"),
)


def start(*, actor: Actor, rows: Sequence[Mapping[str, str]], kind: str = KIND) -> Job:
    """Ask for contract data for many vehicles. Raises Forbidden, Invalid for too many rows.

    A row has `pcid`, `emaid`, `begins` and `ends` (ISO 8601), and `root` (RCP id) where it is to
    be signed under that one alone, `must_be_new` where an EMAID that runs already is to be refused
    instead of replaced, and `replaces` where only these contract certificates may be; what is wrong
    with it is its own outcome. `kind` is another name of such jobs, registered for TASK. May run
    inside the caller's transaction.
    """
    rights.require_role(actor, rights.Operation.CPS_GENERATE)
    return jobs.start(actor=actor, kind=kind, rows=rows)


def work_off(*, job_id: int) -> None:
    """Generate for a chunk of a job, with the rights that who started it has today."""
    jobs.work(job_id=job_id, settle_batch=_generate)


def _generate(actor: Actor, rows: Sequence[LeasedRow]) -> None:
    waiting: list[tuple[LeasedRow, Order]] = []
    unreadable: list[tuple[LeasedRow, DomainError]] = []
    for row in rows:
        try:
            waiting.append((row, _order(row.input)))
        except Invalid as error:
            unreadable.append((row, error))
    jobs.settle_rows(outcomes=unreadable)
    while waiting:
        # An EMAID that stands there twice is made, and then replaced.
        batch = {order.emaid: (row, order) for row, order in reversed(waiting)}
        taken = {row.pk for row, _ in batch.values()}
        waiting = [one for one in waiting if one[0].pk not in taken]
        _generate_batch(actor, list(batch.values()))


def _generate_batch(actor: Actor, batch: Sequence[tuple[LeasedRow, Order]]) -> None:
    """Settle rows in the transaction of their effect; a lost lease takes the effect back.

    Where something stands against the batch as a whole, each row learns what it is on its own.
    """
    rows = [row for row, _ in batch]

    def settle(outcomes: Sequence[Outcome]) -> None:
        jobs.settle_rows(outcomes=[(row, _told(o)) for row, o in zip(rows, outcomes, strict=True)])

    try:
        orders = [order for _, order in batch]
        generate_many(actor=actor, orders=orders, then=settle, heard=jobs.keeper(rows=rows))
    except Unavailable as error:
        if len(batch) == 1 or error.code != "raced":
            raise
        for one in batch:
            _generate_one(actor, one)


def _generate_one(actor: Actor, one: tuple[LeasedRow, Order]) -> None:
    try:
        _generate_batch(actor, [one])
    except Unavailable as error:
        jobs.settle_rows(outcomes=[(one[0], error)])


def _told(outcome: Outcome) -> str | DomainError:
    return outcome if isinstance(outcome, DomainError) else ""


def _order(row: Mapping[str, Any]) -> Order:
    try:
        return Order(
            pcid=Pcid.parse(row.get("pcid", "")),
            emaid=Emaid.parse(row.get("emaid", "")),
            begins=_instant(row, "begins"),
            ends=_instant(row, "ends"),
            root=_root(row),
            must_be_new=bool(row.get("must_be_new")),
            replaces=_replaces(row),
        )
    except IdError as error:
        raise Invalid("identifier", str(error)) from error


def _instant(row: Mapping[str, Any], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(row.get(name, "")))
    except ValueError as error:
        raise Invalid("instant", f"{name} : must be a date of ISO 8601") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _replaces(row: Mapping[str, Any]) -> frozenset[bytes] | None:
    """The contract certificates that the row follows, each by its SHA-256 in hex."""
    given = row.get("replaces")
    if given is None:
        return None
    try:
        return frozenset(bytes.fromhex(one) for one in str(given).split())
    except ValueError as error:
        raise Invalid("replaces", "replaces : must be SHA-256 in hex") from error


def _root(row: Mapping[str, Any]) -> UUID | None:
    given = str(row.get("root", ""))
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise Invalid("root", "root : must be the id of a V2G root") from error
