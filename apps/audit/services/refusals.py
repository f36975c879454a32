"""Refusals in the audit trail: recorded singly, then counted, so that nobody can flood it."""

import time

from django.core.cache import cache
from django.db import DatabaseError, transaction
from redis.exceptions import RedisError
from structlog import get_logger

from apps.audit.models import AuditEvent, RefusalCount
from apps.audit.services.recording import record
from apps.core import metrics
from apps.core.actor import Actor, ActorKind
from apps.core.errors import DomainError

log = get_logger(__name__)

REFUSALS = metrics.Counter(
    "plugpool_refusals_total", "Refusals to known parties, by the code of the reason.", "code"
)
PER_MINUTE = 60
MINUTE_S = 60
KEPT_S = 3600


def record_refusal(
    *,
    actor: Actor,
    action: str,
    error: DomainError,
    target_type: str = "",
    target_id: str = "",
) -> None:
    """Write that `actor` was refused, in a transaction of its own after the rollback.

    At most PER_MINUTE events a minute for each actor; from then on the cache counts, and
    `count_suppressed` writes the count when the minute has ended. Raises RuntimeError inside a
    transaction: the event would be rolled back with it.
    """
    REFUSALS.add(error.code)
    minute = int(time.time()) // MINUTE_S
    key = _cache_key(actor.kind, actor.identifier, minute)
    cache.add(key, 0, timeout=KEPT_S)
    count = cache.incr(key)
    if count > PER_MINUTE + 1:
        return
    with transaction.atomic(durable=True):
        if count == PER_MINUTE + 1:
            _begin_counting(actor, minute)
            return
        record(
            actor=actor,
            action=action,
            target_type=target_type,
            target_id=target_id,
            result=AuditEvent.Result.REFUSED.value,
            reason=error.message,
            detail={"code": error.code, "status": error.status},
        )


def keep_refusal(
    *,
    actor: Actor,
    action: str,
    error: DomainError,
    target_type: str = "",
    target_id: str = "",
) -> None:
    """Do as `record_refusal`, for the edge: the refusal stands whatever becomes of its record."""
    try:
        record_refusal(
            actor=actor, action=action, error=error, target_type=target_type, target_id=target_id
        )
    except (DatabaseError, RedisError) as failure:
        # Losing the record must not turn the refusal into another answer.
        log.error("refusal_not_recorded", error=type(failure).__name__)  # noqa: TRY400  the database's text may hold data


def count_suppressed() -> int:
    """Write one counting event for each client and minute over the limit; return how many.

    Only minutes that have ended count. A count that the cache has lost is given as 0 ("more than
    the limit, unknown how many").
    """
    ended = RefusalCount.objects.filter(minute__lt=int(time.time()) // MINUTE_S)
    return sum(_write_count(row) for row in ended.order_by("id")[:1000])


def _begin_counting(actor: Actor, minute: int) -> None:
    RefusalCount.objects.get_or_create(
        actor_kind=actor.kind.value,
        actor_id=actor.identifier[:64],
        minute=minute,
        defaults={
            "actor_label": actor.label[:150],
            "organization_id": actor.organization_id,
        },
    )


def _write_count(row: RefusalCount) -> int:
    kind = ActorKind(row.actor_kind)
    total = int(cache.get(_cache_key(kind, row.actor_id, row.minute)) or 0)
    further = max(0, total - PER_MINUTE)
    with transaction.atomic():
        deleted, _ = RefusalCount.objects.filter(pk=row.pk).delete()
        if not deleted:
            return 0
        record(
            actor=Actor(
                kind=kind,
                identifier=row.actor_id,
                label=row.actor_label,
                organization_id=row.organization_id,
            ),
            action="audit.count_refusals",
            target_type="refusals",
            target_id=str(row.minute),
            result=AuditEvent.Result.REFUSED.value,
            reason=f"{further} further refusals in one minute",
            detail={"further": further, "recorded": PER_MINUTE},
        )
    return 1


def _cache_key(kind: ActorKind, identifier: str, minute: int) -> str:
    return f"audit:refusals:{kind.value}:{identifier[:64]}:{minute}"
