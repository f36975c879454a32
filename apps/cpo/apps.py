from django.apps import AppConfig


class CpoConfig(AppConfig):
    name = "apps.cpo"
