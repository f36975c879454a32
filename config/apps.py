"""Which site the admins of our apps register on, and that nobody else's do."""

from importlib import import_module

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import module_has_submodule


class AdminConfig(SimpleAdminConfig):
    """Makes `django.contrib.admin.site` the portal and loads the `admin` modules of our own apps.

    Django's autodiscovery would also load those of libraries, and with them pages over all rows.
    """

    default_site = "apps.portal.site.PortalSite"

    def ready(self) -> None:
        super().ready()
        import_module("config.checks")
        for config in apps.get_app_configs():
            if config.name.startswith("apps.") and module_has_submodule(config.module, "admin"):
                import_module(f"{config.name}.admin")
