"""The clock as the operator sees it: what recurs, how often, and whether it is switched on."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from apps.audit import services as audit
from apps.core import schedules
from apps.core.actor import Actor
from apps.core.errors import Invalid, NotFound
from apps.core.schedules import Periodic
from apps.core.web import display
from apps.core.web.display import Badge
from apps.participants.rights import Operation, require


@dataclass(frozen=True, slots=True)
class Entry:
    """One recurring task as its row has it; `last` is when the clock last asked for it."""

    declared: Periodic
    key: int
    seconds: int
    enabled: bool
    last: datetime | None

    @property
    def title(self) -> str | Promise:
        return _(self.declared.title)

    @property
    def bounds(self) -> tuple[int, int]:
        """The shortest and the longest interval, in seconds."""
        return self.declared.bounds or (self.seconds, self.seconds)

    @property
    def interval(self) -> str:
        """How often, in words."""
        return display.span(self.seconds)

    @property
    def asked(self) -> SafeString | str:
        return display.moment(self.last)

    @property
    def badge(self) -> Badge:
        return Badge(_("On"), "success") if self.enabled else Badge(_("Off"), "warning")


def entries() -> list[Entry]:
    """Return what the operator may change, by title; nothing before beat wrote its rows."""
    declared = {one.title: one for one in schedules.adjustable()}
    rows = PeriodicTask.objects.select_related("interval").filter(name__in=declared)
    return [_entry(declared[row.name], row) for row in rows.order_by("name") if row.interval]


def entry(key: int) -> Entry:
    """Return one of them. Raises NotFound."""
    found = next((one for one in entries() if one.key == key), None)
    if found is None:
        raise NotFound("schedule_unknown", "There is no such schedule.")
    return found


def change(*, actor: Actor, key: int, seconds: int, enabled: bool) -> Entry:
    """Set how often a task recurs, and whether it does.

    Raises Forbidden unless a person of the operator asks who administers it, NotFound, Invalid for
    an interval outside the bounds of the task.
    """
    require(actor, Operation.SCHEDULES_MANAGE)
    old = entry(key)
    shortest, longest = old.bounds
    if not shortest <= seconds <= longest:
        raise Invalid("interval", f"The interval must be between {shortest} and {longest} seconds.")
    with transaction.atomic():
        schedules.change(old.declared.title, seconds=seconds, enabled=enabled)
        audit.record(
            actor=actor,
            action="operator.change_schedule",
            target_type="schedule",
            target_id=old.declared.task,
            detail={
                "name": old.declared.title,
                "seconds": seconds,
                "enabled": enabled,
                "was_seconds": old.seconds,
                "was_enabled": old.enabled,
            },
        )
    return entry(key)


def _entry(declared: Periodic, row: PeriodicTask) -> Entry:
    length = int(row.interval.schedule.run_every.total_seconds())
    return Entry(declared, row.pk, length, row.enabled, row.last_run_at)
