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
    """One recurring task: its Celery name, how often (seconds), and what a person reads."""

    task: str
    seconds: int
    title: str


DECLARED: dict[str, Periodic] = {}
"""Title -> declaration; a test checks that each task is registered with Celery."""


def every(seconds: int, task: str, *, title: str) -> None:
    """Declare a recurring task. Raises ValueError for a title that is taken by another."""
    declared = Periodic(task, seconds, title)
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


def _insert(declared: Periodic) -> bool:
    if PeriodicTask.objects.filter(name=declared.title).exists():
        return False
    interval = IntervalSchedule.objects.filter(
        every=declared.seconds, period=IntervalSchedule.SECONDS
    ).first() or IntervalSchedule.objects.create(
        every=declared.seconds, period=IntervalSchedule.SECONDS
    )
    # A message that waited longer than three intervals is stale: the next one does its work.
    _, created = PeriodicTask.objects.get_or_create(
        name=declared.title,
        defaults={
            "task": declared.task,
            "interval": interval,
            "expire_seconds": max(3 * declared.seconds, 60),
        },
    )
    return bool(created)
