"""What every app stands on: errors, actors, transactions, queue, locks, HTTP, API plumbing."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.core import tracing


class CoreConfig(AppConfig):
    name = "apps.core"
    label = "core"
    verbose_name = "Core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        tracing.connect()
        post_migrate.connect(_sync_schedules, sender=self, dispatch_uid="core.schedules")


def _sync_schedules(**kwargs: object) -> None:
    from apps.core import schedules  # noqa: PLC0415  its models exist once the apps are loaded

    schedules.sync()
