from django.apps import AppConfig


class MoConfig(AppConfig):
    name = "apps.mo"
