"""The parties of the ecosystem."""

import uuid

from django.db import models

from apps.core.actor import Role
from apps.core.models import TimeStamped

ROLES = [(role.value, role.value) for role in Role]


class Organization(TimeStamped):
    """A company that takes part, with one role or several.

    Members hold django-guardian object permissions on this row: `viewer`, `editor` or `admin`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    active = models.BooleanField(default=True)
    own_pki = models.BooleanField(
        default=False, help_text="An MO that makes contract certificates with its own CA."
    )
    renewal_window_days = models.PositiveSmallIntegerField(
        default=60, help_text="How long before its end a contract certificate is renewed."
    )

    class Meta:
        permissions = [
            ("viewer", "May see what belongs to the organisation"),
            ("editor", "May also change it"),
            ("admin", "May also manage members and API clients"),
        ]
        verbose_name = "organisation"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganizationRole(models.Model):
    """One role of an organisation."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="role_rows")
    role = models.CharField(max_length=10, choices=ROLES)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "role"], name="role_once"),
        ]

    def __str__(self) -> str:
        return self.role
