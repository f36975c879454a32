"""Backends that call the API, and the keys that sign their tokens."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from oauth2_provider.models import AbstractApplication

from apps.keys.models import StoredKey
from apps.participants.models.organizations import Organization

if TYPE_CHECKING:

    class _Application(models.Model):
        """The part of django-oauth-toolkit's abstract model that we use; it carries no types."""

        CLIENT_CONFIDENTIAL: str
        GRANT_CLIENT_CREDENTIALS: str
        client_id: models.CharField[str, str]
        client_secret: models.CharField[str, str]
        client_type: models.CharField[str, str]
        authorization_grant_type: models.CharField[str, str]
        name: models.CharField[str, str]
        created: models.DateTimeField[datetime, datetime]

        class Meta:
            abstract = True

else:
    _Application = AbstractApplication


class ApiClient(_Application):
    """A backend of an organisation (OAuth 2 client_credentials only).

    The token proves who it is; this record, read at most five seconds old, says what it may:
    `enabled`, its roles (never more than the organisation's) and the organisation's identifiers.
    `client_secret` holds the hash of its secret, or while it changes over those of two, the older
    one first and a space between them.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="clients")
    enabled = models.BooleanField(default=True)
    roles = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True)

    class Meta(_Application.Meta):
        verbose_name = "API client"

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def secret_hashes(self) -> list[str]:
        return self.client_secret.split()

    def is_usable(self, request: object) -> bool:
        """django-oauth-toolkit asks this before it looks at a secret."""
        return self.enabled and self.organization.active


class TokenKey(models.Model):
    """A key that signs access tokens, named by its `kid` (RFC 7638 thumbprint).

    One is current; the one before it stays published until the last token it signed has expired.
    """

    key = models.OneToOneField(StoredKey, models.PROTECT, related_name="+")
    kid = models.CharField(max_length=43, unique=True)
    current = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=Q(current=True), name="one_current_token_key"
            ),
        ]

    def __str__(self) -> str:
        return self.kid
