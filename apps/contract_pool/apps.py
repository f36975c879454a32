"""CCP: contracts and their signed contract data, installed by vehicles."""

from django.apps import AppConfig


class ContractPoolConfig(AppConfig):
    name = "apps.contract_pool"
    label = "contract_pool"
    verbose_name = "Contract certificate pool"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the receivers and what hangs on a root; models must be loaded first.
        from apps.contract_pool import receivers, selectors  # noqa: F401, PLC0415  Django's place
        from apps.root_pool import dependants  # noqa: PLC0415  needs the registry

        dependants.register("contract data", selectors.count_below)
