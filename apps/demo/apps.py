"""A whole ecosystem built by the real processes, for one machine; never in production."""

from django.apps import AppConfig

from apps.demo.guard import require_sandbox


class DemoConfig(AppConfig):
    name = "apps.demo"
    label = "demo"
    verbose_name = "Demo ecosystem"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        require_sandbox()
