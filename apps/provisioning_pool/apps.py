"""PCP: one provisioning certificate per vehicle, named by its PCID."""

from django.apps import AppConfig


class ProvisioningPoolConfig(AppConfig):
    name = "apps.provisioning_pool"
    label = "provisioning_pool"
    verbose_name = "Provisioning certificate pool"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow the PKI, and tell the RCP how many vehicles hang on a root."""
        from apps.provisioning_pool import receivers  # noqa: PLC0415  models load before ready()

        receivers.connect()
