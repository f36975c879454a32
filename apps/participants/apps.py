"""Organisations, their identifiers, members, API clients, and the rights table."""

from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "apps.participants"
    label = "participants"
    verbose_name = "Participants"
    default_auto_field = "django.db.models.BigAutoField"
