"""RCP: the roots that everybody trusts, each confirmed by two persons."""

from django.apps import AppConfig


class RootPoolConfig(AppConfig):
    name = "apps.root_pool"
    label = "root_pool"
    verbose_name = "Root certificate pool"
    default_auto_field = "django.db.models.BigAutoField"
