"""CCP: contracts and their signed contract data, installed by vehicles."""

from django.apps import AppConfig


class ContractPoolConfig(AppConfig):
    name = "apps.contract_pool"
    label = "contract_pool"
    verbose_name = "Contract certificate pool"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Receivers and counts register themselves; models must be loaded first.
        from apps.contract_pool import counts, receivers  # noqa: F401, PLC0415  Django's place

        counts.register()
