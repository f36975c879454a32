"""What staff of a mobility operator do in the portal: conclude contracts, singly and in lists."""

from django.apps import AppConfig


class MoConfig(AppConfig):
    name = "apps.mo"
    label = "mo"
    verbose_name = "Mobility operators"
    default_auto_field = "django.db.models.BigAutoField"
