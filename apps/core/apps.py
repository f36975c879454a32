"""What every app stands on: errors, actors, transactions, queue, locks, HTTP, API plumbing."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"
    label = "core"
    verbose_name = "Core"
    default_auto_field = "django.db.models.BigAutoField"
