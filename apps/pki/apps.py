"""Our own certificate authorities, issuance, revocation, and the status of foreign certificates."""

from django.apps import AppConfig


class PkiConfig(AppConfig):
    name = "apps.pki"
    label = "pki"
    verbose_name = "PKI"
    default_auto_field = "django.db.models.BigAutoField"
