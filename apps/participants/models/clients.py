"""Backends that call the API."""

from django.db import models
from oauth2_provider.models import AbstractApplication

from apps.participants.models.organizations import Organization


class ApiClient(AbstractApplication):
    """A backend of an organisation (OAuth 2 client_credentials only).

    The token proves who it is; this record, read at most five seconds old, says what it may:
    `enabled`, its roles (never more than the organisation's) and the organisation's identifiers.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="clients")
    enabled = models.BooleanField(default=True)
    roles = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True)

    class Meta(AbstractApplication.Meta):
        verbose_name = "API client"

    def __str__(self) -> str:
        return self.name or self.client_id
