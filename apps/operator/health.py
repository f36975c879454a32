"""How each part of the product stands, in words. Every look is bounded in rows and time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from time import perf_counter
from typing import Final

from celery import current_app
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from kombu.exceptions import ChannelError, OperationalError

from apps.audit.models import AuditEvent, AuditSeal
from apps.core.web.display import Badge, Tone, distance, number
from apps.core.web.paging import COUNT_LIMIT, capped_count
from apps.events.models import OutboxEvent
from apps.operator.models import Heartbeat
from apps.operator.services import BACKGROUND
from apps.pki.models import Authority, ForeignCrl, OcspAnswer, PublishedCrl, Responder

Text = str | Promise
ANSWER_S: Final = 1
"""How long the broker and the workers may take to answer."""
FRESH: Final = timedelta(seconds=45)
OVERDUE: Final = timedelta(minutes=15)
SLOW_MS: Final = 250
VAULT: Final = "vault"


class State(IntEnum):
    """How a part stands, the worst last."""

    WORKING = 0
    SLOW = 1
    DOWN = 2


WORDS: Final[dict[State, tuple[Text, Tone]]] = {
    State.WORKING: (gettext_lazy("Working"), "success"),
    State.SLOW: (gettext_lazy("Slow"), "warning"),
    State.DOWN: (gettext_lazy("Down"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One part: its name, how it stands, and a sentence."""

    name: Text
    state: State
    line: Text

    @property
    def badge(self) -> Badge:
        return Badge(*WORDS[self.state])


def readings() -> list[Reading]:
    """Look at every part. A database that fails leaves the others unread."""
    try:
        found = [_database()]
        return found + [look() for look in LOOKS]
    except DatabaseError:
        down = _("It does not answer, so nothing else can be read.")
        return [Reading(_("Database"), State.DOWN, down)]


def summary(found: list[Reading]) -> str:
    """Say in one sentence how all of it stands."""
    bad = [str(one.name) for one in found if one.state is not State.WORKING]
    if not bad:
        return _("Everything is working.")
    return _("Needs a look: %(parts)s.") % {"parts": ", ".join(bad)}


def _database() -> Reading:
    started = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    took = round((perf_counter() - started) * 1000)
    state = State.SLOW if took > SLOW_MS else State.WORKING
    return Reading(_("Database"), state, _("Answers in %(ms)s ms.") % {"ms": number(took)})


def _broker() -> Reading:
    queue = current_app.conf.task_default_queue
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_S)
            waiting = _length(link, queue)
    except (OperationalError, OSError):
        late = _("It does not answer. What waits is taken up when it is back.")
        return Reading(_("Broker"), State.DOWN, late)
    line = ngettext("%(count)s task waits.", "%(count)s tasks wait.", waiting)
    state = State.SLOW if waiting > COUNT_LIMIT else State.WORKING
    return Reading(_("Broker"), state, line % {"count": number(waiting)})


def _length(link: object, queue: str) -> int:
    try:
        found = link.default_channel.queue_declare(queue, passive=True)  # type: ignore[attr-defined]  # kombu has no types
    except ChannelError:
        return 0  # nothing was ever sent
    return int(found.message_count)


def _background() -> Reading:
    """Clock, broker and worker by what they did together; who is missing by asking the workers."""
    name = _("Clock and workers")
    beat = Heartbeat.objects.filter(part=BACKGROUND).first()
    if beat is not None and timezone.now() - beat.at < FRESH:
        return Reading(name, State.WORKING, _("Last sign of life %(time)s.") % _ago(beat.at))
    if not _workers():
        return Reading(name, State.DOWN, _("No worker answers."))
    return Reading(name, State.DOWN, _("Workers answer, but the clock sends nothing."))


def _workers() -> int:
    try:
        return len(current_app.control.ping(timeout=ANSWER_S) or ())
    except (OperationalError, OSError):
        return 0


def _outbox() -> Reading:
    rows = OutboxEvent.objects.filter(fanned_out_at__isnull=True).order_by("id")
    oldest = rows.values_list("created_at", flat=True).first()
    return _lag(_("Events"), oldest, _("Every event was passed on."))


def _audit() -> Reading:
    last = AuditSeal.objects.order_by("-number").first()
    events = AuditEvent.objects.filter(link__isnull=True)
    if last is not None:
        events = events.filter(at__gte=last.reaches - timedelta(minutes=5))
    oldest = events.order_by("at").values_list("at", flat=True).first()
    return _lag(_("Audit trail"), oldest, _("Every event is sealed."))


def _lag(name: Text, oldest: datetime | None, good: Text) -> Reading:
    if oldest is None:
        return Reading(name, State.WORKING, good)
    waits = timezone.now() - oldest
    state = State.DOWN if waits > timedelta(minutes=10) else State.SLOW
    if waits <= timedelta(minutes=1):
        state = State.WORKING
    return Reading(name, state, _("The oldest that waits came %(time)s.") % _ago(oldest))


def _authorities() -> Reading:
    active = list(Authority.objects.filter(active=True).select_related("key"))
    now = timezone.now()
    ended = [one.name for one in active if not one.not_before <= now <= one.not_after]
    keyless = [one.name for one in active if one.key.backend == VAULT and not one.key.sealed]
    if ended or keyless:
        names = ", ".join(sorted({*ended, *keyless}))
        return Reading(
            _("Authorities"), State.DOWN, _("Cannot sign: %(names)s.") % {"names": names}
        )
    line = ngettext("%(count)s authority signs.", "%(count)s authorities sign.", len(active))
    return Reading(_("Authorities"), State.WORKING, line % {"count": number(len(active))})


def _crls() -> Reading:
    now = timezone.now()
    lists = list(PublishedCrl.objects.filter(authority__active=True).select_related("authority"))
    ended = [one for one in lists if one.next_update is None or one.next_update <= now]
    behind = [one for one in lists if one not in ended and not one.is_current(now)]
    if ended:
        names = ", ".join(one.authority.name for one in ended)
        return Reading(_("CRLs"), State.DOWN, _("Ended: %(names)s.") % {"names": names})
    if behind:
        names = ", ".join(one.authority.name for one in behind)
        return Reading(_("CRLs"), State.SLOW, _("To be signed anew: %(names)s.") % {"names": names})
    ends = min((one.next_update for one in lists if one.next_update), default=None)
    line = _("The next one ends %(time)s.") % _ago(ends) if ends else _("There is none yet.")
    return Reading(_("CRLs"), State.WORKING, line)


def _ocsp() -> Reading:
    now = timezone.now()
    answered = Responder.objects.good(since=now, until=now).values("authority_id")
    missing = Authority.objects.filter(active=True).exclude(pk__in=answered)
    signs = missing.filter(responders__isnull=False).distinct()
    names = ", ".join(signs.values_list("name", flat=True)[:5])
    if names:
        return Reading(
            _("OCSP"), State.DOWN, _("No valid responder: %(names)s.") % {"names": names}
        )
    return Reading(_("OCSP"), State.WORKING, _("Every responder may sign."))


def _foreign() -> Reading:
    before = timezone.now() - OVERDUE
    late = sum(
        capped_count(model.objects.filter(next_try_at__lt=before))
        for model in (ForeignCrl, OcspAnswer)
    )
    if not late:
        return Reading(_("Foreign status"), State.WORKING, _("All answers are fetched in time."))
    line = ngettext("%(count)s answer is overdue.", "%(count)s answers are overdue.", late)
    return Reading(_("Foreign status"), State.SLOW, line % {"count": number(late)})


def _ago(at: datetime) -> dict[str, str]:
    return {"time": distance(at)}


LOOKS: Final[tuple[Callable[[], Reading], ...]] = (
    _broker,
    _background,
    _outbox,
    _audit,
    _authorities,
    _crls,
    _ocsp,
    _foreign,
)
