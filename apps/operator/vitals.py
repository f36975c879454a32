"""Facts about how each part stands, for the health page, /readyz and the metrics.

Every look is bounded in rows. Those at the database raise DatabaseError, the others never raise.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final

from celery import current_app
from cryptography.exceptions import InvalidSignature
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from apps.audit.models import AuditEvent, AuditSeal
from apps.core.web.paging import capped_count
from apps.events.models import OutboxEvent, WebhookDelivery
from apps.keys import services as keys
from apps.keys.vault import Unopenable
from apps.operator.models import Heartbeat
from apps.pki import rolling
from apps.pki.models import Authority, PublishedCrl, Responder

ANSWER_S: Final = 1
"""How long the broker and the workers may take to answer."""
CEREMONY: Final = timedelta(days=30)
"""How long before its end a CRL that is signed elsewhere is asked for: people have to meet."""
FRESH: Final = timedelta(seconds=45)
"""How old the last sign of life of clock or worker may be; both give one every ten seconds."""
LATE_SEAL: Final = timedelta(minutes=5)


def database_ms() -> int:
    """Return how long the database takes to answer the least, in milliseconds."""
    started = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return round((perf_counter() - started) * 1000)


def broker_waiting() -> int | None:
    """Return how many tasks wait in the broker; None when it does not answer in ANSWER_S."""
    waiting = queues_waiting()
    return None if waiting is None else sum(waiting.values())


def queues_waiting() -> dict[str, int] | None:
    """Return how many tasks wait in each queue that our workers read."""
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_S)
            return {name: _length(link, name) for name in current_app.amqp.queues}
    except (OperationalError, OSError):
        return None


def _length(link: object, queue: str) -> int:
    try:
        found = link.default_channel.queue_declare(queue, passive=True)  # type: ignore[attr-defined]  # kombu has no types
    except ChannelError:
        return 0  # nothing was ever sent
    return int(found.message_count)


def cache_answers() -> bool:
    """Tell whether the shared cache can be read."""
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return False
    return True


def last_sign_of(part: str) -> datetime | None:
    """Return when a part gave its last sign of life."""
    return Heartbeat.objects.filter(part=part).values_list("at", flat=True).first()


def is_fresh(at: datetime | None) -> bool:
    """Tell whether a sign of life is recent enough."""
    return at is not None and timezone.now() - at < FRESH


def workers_answering() -> int:
    """Return how many workers answer within ANSWER_S."""
    try:
        return len(current_app.control.ping(timeout=ANSWER_S) or ())
    except (OperationalError, OSError):
        return 0


def oldest_unsealed() -> datetime | None:
    """Return when the oldest audit event came that no seal covers."""
    events = AuditEvent.objects.filter(link__isnull=True)
    reached = AuditSeal.objects.order_by("-number").values_list("reaches", flat=True).first()
    if reached is not None:
        events = events.filter(at__gte=reached - LATE_SEAL)
    return events.order_by("at").values_list("at", flat=True).first()


def oldest_unsent() -> datetime | None:
    """Return when the oldest event came that was not passed on to its endpoints."""
    rows = OutboxEvent.objects.filter(fanned_out_at__isnull=True).order_by("id")
    return rows.values_list("created_at", flat=True).first()


def backlog() -> tuple[int, int]:
    """Return how many events wait to be passed on, and how many deliveries wait, both capped."""
    events = OutboxEvent.objects.filter(fanned_out_at__isnull=True)
    deliveries = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING)
    return capped_count(events), capped_count(deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The CRLs of active authorities: which ended, which are behind, when the next one ends."""

    ended: tuple[str, ...]
    behind: tuple[str, ...]
    next_end: datetime | None


def crls() -> Lists:
    """Look at our own CRLs."""
    now = timezone.now()
    found = PublishedCrl.objects.filter(authority__active=True).select_related("authority__key")
    lists = list(found.defer("der"))
    ended = [one for one in lists if one.next_update is None or one.next_update <= now]
    behind = [one for one in lists if one not in ended and _is_behind(one, now)]
    return Lists(
        ended=tuple(one.authority.name for one in ended),
        behind=tuple(one.authority.name for one in behind),
        next_end=min((one.next_update for one in lists if one.next_update), default=None),
    )


def _is_behind(found: PublishedCrl, now: datetime) -> bool:
    """It lacks something, or it is to come from elsewhere within CEREMONY."""
    if found.changes != found.covered:
        return True
    elsewhere = not rolling.key_is_here(found.authority)
    return elsewhere and found.next_update is not None and found.next_update < now + CEREMONY


def without_responder() -> tuple[str, ...]:
    """Return active authorities that had an OCSP responder and have none now that may sign."""
    now = timezone.now()
    answered = Responder.objects.good(since=now, until=now).values("authority_id")
    missing = Authority.objects.filter(active=True).exclude(pk__in=answered)
    signs = missing.filter(responders__isnull=False).distinct()
    return tuple(signs.values_list("name", flat=True)[:5])


def signer_works() -> bool:
    """Tell whether the vault signs, and opens what it sealed with each of its keys."""
    try:
        keys.test_vault()
    except (Unopenable, InvalidSignature):
        return False
    return True
