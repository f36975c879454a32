"""Starting a cleansing run and working it off, batch by batch.

A batch is a row of the run's job: leased, removed and settled in one transaction, so a worker that
dies leaves nothing half done, and two runs over the same rows remove each of them once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import services as audit
from apps.core.actor import Actor, Role, system
from apps.core.errors import Conflict, DomainError
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.services import LeasedRow
from apps.operator.cleansing.planning import ALL_POOLS, Planned, plan, sweep_of
from apps.operator.models import CleansingCount, CleansingRun
from apps.participants.models import Organization
from apps.participants.rights import Operation, require
from apps.participants.selectors import actor_for
from apps.root_pool import services as rcp
from apps.root_pool.models import CleansingDecision

Trigger = CleansingRun.Trigger

KIND: Final = registry.register(
    "operator.cleanse",
    task="operator.cleanse",
    title=_("Cleansing of the pools"),
    columns=("pool", "cause"),
)
EMPTY_KEPT: Final = timedelta(days=30)
"""How long a run that found nothing is kept."""


def start(
    *,
    actor: Actor,
    trigger: CleansingRun.Trigger,
    pools: Sequence[str] = ALL_POOLS,
) -> CleansingRun:
    """Find what has to leave the pools and start the job that takes it out.

    A schedule that comes while its last run is at work changes nothing and gets that run. Raises
    Forbidden for others than the operator and the system.
    """
    require(actor, Operation.POOLS_CLEANSE)
    under_way = _under_way(pools) if trigger == Trigger.SCHEDULE else None
    if under_way:
        return under_way
    at = timezone.now()
    asked = rcp.ask_about_lost(actor=actor, at=at)
    planned = plan(pools=pools, at=at)
    run = CleansingRun(
        trigger=trigger,
        pools=list(pools),
        started_at=at,
        started_by_label=actor.label[:150],
        asked=asked,
    )
    with transaction.atomic():
        return _write(actor, run, planned)


def decide(*, actor: Actor, decision: CleansingDecision, proceed: bool, note: str) -> None:
    """Decide whether what hangs on a lost CA leaves; if so, a run begins to take it out.

    Raises Forbidden, Conflict, see `root_pool.services.decide`.
    """
    rcp.decide(actor=actor, decision=decision, proceed=proceed, note=note)
    if proceed:
        start(actor=actor, trigger=Trigger.DECISION)


def scheduled(*, pool: str) -> CleansingRun:
    """Start what the clock asks for, and forget old runs that found nothing."""
    old = CleansingRun.objects.filter(job=None, started_at__lt=timezone.now() - EMPTY_KEPT)
    old.delete()
    return start(actor=_clock(), trigger=Trigger.SCHEDULE, pools=[pool])


def work_off(*, job_id: int) -> None:
    """Work off the batches of a run until none is left; any number of workers may do so."""
    while rows := jobs.lease_rows(job_id=job_id, limit=1, now=timezone.now()):
        _settle(rows[0])


def _settle(row: LeasedRow) -> None:
    try:
        with transaction.atomic():
            _remove(row, timezone.now())
            jobs.finish_row(row=row)
    except Conflict as error:
        # Another worker has the row now; whatever else is in conflict is this batch's failure.
        if error.code != "lease_lost":
            jobs.fail_row(row=row, code=error.code, message=error.message)
    except DomainError as error:
        jobs.fail_row(row=row, code=error.code, message=error.message)


def _remove(row: LeasedRow, at: datetime) -> None:
    pool, cause = row.input["pool"], row.input["cause"]
    done = sweep_of(pool, cause).remove(pks=row.input["keys"], at=at)
    CleansingCount.objects.filter(run__job=row.job_id, pool=pool, cause=cause).update(
        removed=F("removed") + done.removed,
        followed=F("followed") + done.followed,
        told=F("told") + done.told,
    )


def _write(actor: Actor, run: CleansingRun, planned: Sequence[Planned]) -> CleansingRun:
    inputs = [given for one in planned for given in one.inputs()]
    if inputs:
        run.job = jobs.start(actor=actor, kind=KIND, rows=inputs)
    run.save(force_insert=True)
    CleansingCount.objects.bulk_create(
        CleansingCount(run=run, pool=one.sweep.pool, cause=one.sweep.cause, found=one.found)
        for one in planned
    )
    audit.record(
        actor=actor,
        action="operator.cleanse",
        target_type="cleansing_run",
        target_id=str(run.uuid),
        reason=run.trigger,
        detail={"pools": run.pools, "found": sum(one.found for one in planned), "asked": run.asked},
    )
    return run


def _under_way(pools: Sequence[str]) -> CleansingRun | None:
    open_jobs = Q(job__state__in=(Job.State.WAITING, Job.State.RUNNING))
    return CleansingRun.objects.filter(open_jobs, pools=list(pools)).order_by("-pk").first()


def _clock() -> Actor:
    """The system on behalf of the operator, whose people may stop the run."""
    operators = Organization.objects.filter(role_rows__role=Role.OPERATOR, active=True)
    operator = operators.order_by("pk").first()
    part = "operator.cleanse"
    return actor_for(organization=operator, part=part) if operator else system(part)
