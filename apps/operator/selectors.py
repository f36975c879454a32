"""Reads of the operator's own rows: runs of the cleansing."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from apps.core.actor import Actor, ActorKind, Role
from apps.jobs import selectors as jobs
from apps.operator.models import CleansingRun

SHOWN_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did for one reason in one pool; why rows failed, the first few reasons."""

    pool: str
    cause: str
    found: int
    removed: int
    followed: int
    told: int
    failed: int
    reasons: tuple[str, ...]


def runs(viewer: Actor) -> QuerySet[CleansingRun]:
    """Return the runs, for the operator alone."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return CleansingRun.objects.all()
    return CleansingRun.objects.none()


def results_of(run: CleansingRun) -> list[Result]:
    """Return what came of a run, by pool and reason."""
    failed: Counter[tuple[str, str]] = Counter()
    reasons: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    if run.job is not None:
        for row in jobs.failed_rows(run.job):
            name = row.input["pool"], row.input["cause"]
            failed[name] += len(row.input["keys"])
            reasons[name][row.message or row.code] = None
    return [
        Result(
            one.pool,
            one.cause,
            one.found,
            one.removed,
            one.followed,
            one.told,
            failed[one.pool, one.cause],
            tuple(reasons[one.pool, one.cause])[:SHOWN_REASONS],
        )
        for one in run.counts.all()
    ]
