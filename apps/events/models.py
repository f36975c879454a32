"""The outbox: what the parties are to be told, written with the change itself."""

import uuid

from django.db import models

from apps.participants.models import Organization


class OutboxEvent(models.Model):
    """One OPCP event for one organisation, or for all when `organization` is empty (roots).

    `lane` (the PCID) keeps the order of events about one vehicle; ids follow commits because
    services lock the PCID before they change its rows.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    organization = models.ForeignKey(Organization, models.CASCADE, null=True)
    lane = models.CharField(max_length=18, blank=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="outbox_organization"),
            models.Index(fields=["lane", "id"], name="outbox_lane"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
