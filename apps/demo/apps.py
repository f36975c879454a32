"""A whole ecosystem built by the real processes, for one machine; never in production."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "apps.demo"
    label = "demo"
    verbose_name = "Demo ecosystem"
    default_auto_field = "django.db.models.BigAutoField"
