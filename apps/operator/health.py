"""How each part of the product stands, in words. Every look is bounded in rows and time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from django.db import DatabaseError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.web.display import Badge, Tone, distance, number
from apps.core.web.paging import COUNT_LIMIT, capped_count
from apps.operator import vitals
from apps.operator.services import BACKGROUND
from apps.pki.models import Authority, ForeignCrl, OcspAnswer

Text = str | Promise
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
    took = vitals.database_ms()
    state = State.SLOW if took > SLOW_MS else State.WORKING
    return Reading(_("Database"), state, _("Answers in %(ms)s ms.") % {"ms": number(took)})


def _broker() -> Reading:
    waiting = vitals.broker_waiting()
    if waiting is None:
        late = _("It does not answer. What waits is taken up when it is back.")
        return Reading(_("Broker"), State.DOWN, late)
    line = ngettext("%(count)s task waits.", "%(count)s tasks wait.", waiting)
    state = State.SLOW if waiting > COUNT_LIMIT else State.WORKING
    return Reading(_("Broker"), state, line % {"count": number(waiting)})


def _background() -> Reading:
    """Clock, broker and worker by what they did together; who is missing by asking the workers."""
    name = _("Clock and workers")
    at = vitals.last_sign_of(BACKGROUND)
    if at is not None and vitals.is_fresh(at):
        return Reading(name, State.WORKING, _("Last sign of life %(time)s.") % _ago(at))
    if not vitals.workers_answering():
        return Reading(name, State.DOWN, _("No worker answers."))
    return Reading(name, State.DOWN, _("Workers answer, but the clock sends nothing."))


def _outbox() -> Reading:
    return _lag(_("Events"), vitals.oldest_unsent(), _("Every event was passed on."))


def _audit() -> Reading:
    return _lag(_("Audit trail"), vitals.oldest_unsealed(), _("Every event is sealed."))


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
    lists = vitals.crls()
    if lists.ended:
        names = ", ".join(lists.ended)
        return Reading(_("CRLs"), State.DOWN, _("Ended: %(names)s.") % {"names": names})
    if lists.behind:
        names = ", ".join(lists.behind)
        return Reading(_("CRLs"), State.SLOW, _("To be signed anew: %(names)s.") % {"names": names})
    ends = lists.next_end
    line = _("The next one ends %(time)s.") % _ago(ends) if ends else _("There is none yet.")
    return Reading(_("CRLs"), State.WORKING, line)


def _ocsp() -> Reading:
    names = ", ".join(vitals.without_responder())
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
