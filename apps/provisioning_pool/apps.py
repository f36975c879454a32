"""PCP: one provisioning certificate per vehicle, named by its PCID."""

from django.apps import AppConfig


class ProvisioningPoolConfig(AppConfig):
    name = "apps.provisioning_pool"
    label = "provisioning_pool"
    verbose_name = "Provisioning certificate pool"
    default_auto_field = "django.db.models.BigAutoField"
