"""Work that recurs: each app declares it in its `schedules.py`, beat reads it from the database.

`sync` writes what was declared as rows of django-celery-beat. A row that exists is left as it is,
so that an operator may change its interval or switch it off in the admin and keep it so.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks


@dataclass(frozen=True, slots=True)
class Periodic:
    """One recurring task: its Celery name, how often (seconds), and what a person reads.

    `bounds` are the shortest and the longest interval that the operator may set, and with them
    that it may be switched off; nobody changes what has none, because other work relies on it.
    """

    task: str
    seconds: int
    title: str
    bounds: tuple[int, int] | None = None


DECLARED: dict[str, Periodic] = {}
"""Title -> declaration; a test checks that each task is registered with Celery."""


def every(seconds: int, task: str, *, title: str, bounds: tuple[int, int] | None = None) -> None:
    """Declare a recurring task. Raises ValueError for a title that is taken by another."""
    declared = Periodic(task, seconds, title, bounds)
    if DECLARED.setdefault(title, declared) != declared:
        raise ValueError(f"{title} is declared twice")


def sync() -> int:
    """Write the declared tasks that have no row yet; return how many were new."""
    autodiscover_modules("schedules")
    if PeriodicTask._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001  Django's documented API
        return 0
    with transaction.atomic():
        created = sum(_insert(declared) for declared in DECLARED.values())
        if created:
            PeriodicTasks.update_changed()
    return created


def adjustable() -> list[Periodic]:
    """Return what the operator may change, by title."""
    autodiscover_modules("schedules")
    found = (declared for declared in DECLARED.values() if declared.bounds)
    return sorted(found, key=lambda declared: declared.title)


def change(title: str, *, seconds: int, enabled: bool) -> None:
    """Rewrite the row of a declared task; beat reads it within seconds. Inside a transaction."""
    PeriodicTask.objects.filter(name=title).update(
        interval=_interval(seconds), enabled=enabled, expire_seconds=_stale_after(seconds)
    )
    PeriodicTasks.update_changed()


def _stale_after(seconds: int) -> int:
    """A message that waited longer than three intervals is stale: the next one does its work."""
    return max(3 * seconds, 60)


def _interval(seconds: int) -> IntervalSchedule:
    """One row for all tasks that recur as often."""
    period = IntervalSchedule.SECONDS
    found = IntervalSchedule.objects.filter(every=seconds, period=period).first()
    return found or IntervalSchedule.objects.create(every=seconds, period=period)


def _insert(declared: Periodic) -> bool:
    if PeriodicTask.objects.filter(name=declared.title).exists():
        return False
    _, created = PeriodicTask.objects.get_or_create(
        name=declared.title,
        defaults={
            "task": declared.task,
            "interval": _interval(declared.seconds),
            "expire_seconds": _stale_after(declared.seconds),
        },
    )
    return bool(created)
