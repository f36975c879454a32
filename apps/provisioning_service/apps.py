"""CPS: signs contract data, and makes it with the V2G MO CA."""

from django.apps import AppConfig


class ProvisioningServiceConfig(AppConfig):
    name = "apps.provisioning_service"
    label = "provisioning_service"
    verbose_name = "Certificate provisioning service"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the receivers; models must be loaded first.
        from apps.provisioning_service import receivers  # noqa: F401, PLC0415  Django's place for it
