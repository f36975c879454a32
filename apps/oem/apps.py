from django.apps import AppConfig


class OemConfig(AppConfig):
    name = "apps.oem"
