"""Many contracts at once, as a job: the rows of a list, worked off in batches by any worker."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy
from structlog import get_logger

from apps.contract_pool.services import Outcome
from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Invalid
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.selectors import starter
from apps.jobs.services import LeasedRow
from apps.participants import rights
from apps.provisioning_service.services.generating import generate_many
from apps.provisioning_service.services.making import Order
from v2g.errors import IdError
from v2g.ids import Emaid, Pcid

log = get_logger(__name__)

TASK: Final = "provisioning_service.generate_rows"
KIND: Final = registry.register(
    "provisioning_service.generate",
    task=TASK,
    title=gettext_lazy("Contracts in bulk"),
    columns=("pcid", "emaid", "begins", "ends"),
)
BATCH: Final = 50
"""Rows in hand at once: far less work than the lease of 60 seconds allows."""


def start(*, actor: Actor, rows: Sequence[Mapping[str, str]], kind: str = KIND) -> Job:
    """Ask for contract data for many vehicles. Raises Forbidden, Invalid for too many rows.

    A row has `pcid`, `emaid`, `begins` and `ends` (ISO 8601), and `root` (RCP id) where it is to
    be signed under that one alone, and `must_be_new` where an EMAID that runs already is to be
    refused instead of replaced; what is wrong with it is its own outcome. `kind` is another
    name of such jobs, registered for TASK. May run inside the caller's transaction.
    """
    rights.require_role(actor, rights.Operation.CPS_GENERATE)
    return jobs.start(actor=actor, kind=kind, rows=rows)


def work_off(*, job_id: int) -> None:
    """Generate for the rows of a job until none is left; any number of workers may do so at once.

    Who started the job must still have the right to, row by row.
    """
    job = Job.objects.select_related("organization").get(pk=job_id)
    while rows := jobs.lease_rows(job_id=job.pk, limit=BATCH, now=timezone.now()):
        try:
            actor = starter(job)
        except DomainError as error:
            for row in rows:
                _fail(row, error)
            continue
        _generate(actor, rows)


def _generate(actor: Actor, rows: Sequence[LeasedRow]) -> None:
    waiting: list[tuple[LeasedRow, Order]] = []
    for row in rows:
        try:
            waiting.append((row, _order(row.input)))
        except Invalid as error:
            _fail(row, error)
    while waiting:
        # An EMAID that stands there twice is made, and then replaced.
        batch = {order.emaid: (row, order) for row, order in reversed(waiting)}
        waiting = [one for one in waiting if one not in batch.values()]
        _generate_batch(actor, list(batch.values()))


def _generate_batch(actor: Actor, batch: Sequence[tuple[LeasedRow, Order]]) -> None:
    """Settle rows in the transaction of their effect; a lost lease takes the effect back."""
    rows = [row for row, _ in batch]

    def settle(outcomes: Sequence[Outcome]) -> None:
        settled = list(zip(rows, outcomes, strict=True))
        jobs.finish_rows(rows=[row for row, made in settled if not isinstance(made, DomainError)])
        for row, made in settled:
            if isinstance(made, DomainError):
                _fail(row, made)

    try:
        generate_many(actor=actor, orders=[order for _, order in batch], then=settle)
    except Conflict as error:
        log.info("batch_lost", code=error.code, rows=len(rows))
    except DomainError as error:
        for row in rows:
            _fail(row, error)


def _fail(row: LeasedRow, error: DomainError) -> None:
    jobs.fail_row(row=row, code=error.code, message=error.message)


def _order(row: Mapping[str, Any]) -> Order:
    try:
        return Order(
            pcid=Pcid.parse(row.get("pcid", "")),
            emaid=Emaid.parse(row.get("emaid", "")),
            begins=_instant(row, "begins"),
            ends=_instant(row, "ends"),
            root=_root(row),
            must_be_new=bool(row.get("must_be_new")),
        )
    except IdError as error:
        raise Invalid("identifier", str(error)) from error


def _instant(row: Mapping[str, Any], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(row.get(name, "")))
    except ValueError as error:
        raise Invalid("instant", f"{name} : must be a date of ISO 8601") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _root(row: Mapping[str, Any]) -> UUID | None:
    given = str(row.get("root", ""))
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise Invalid("root", "root : must be the id of a V2G root") from error
