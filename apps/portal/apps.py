"""The site in which people work."""

from importlib import import_module

from django.apps import AppConfig

from apps.core.web import freshness


class PortalConfig(AppConfig):
    name = "apps.portal"
    label = "portal"
    verbose_name = "Portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("apps.portal.login.receivers")
        proof = import_module("apps.portal.login.proof")
        freshness.register(proof.SecondFactorKeeper())
