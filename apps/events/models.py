"""The outbox: what the parties are to be told, written with the change itself."""

import uuid

from django.db import models

from apps.participants.models import Organization


class EventKind(models.TextChoices):
    """The events of OPCP, by its names (documentation part 6 and webhooks.payload)."""

    ROOT_ADDED = "root.cert.added"
    ROOT_EXPIRED = "root.cert.expired"
    ROOT_REVOKED = "root.cert.revoked"
    MO_PROV_CERT_DELETED = "mo.prov.cert.deleted"
    MO_PROV_CERT_UPDATED = "mo.prov.cert.updated"
    MO_PROV_CERT_FACTORY_RESET = "mo.prov.cert.factory.reset"
    MO_CONTRACT_CREATED_SENT = "mo.contract.created.sent.to.oem"
    MO_CONTRACT_UPDATED_SENT = "mo.contract.updated.sent.to.oem"
    MO_CONTRACT_DELETED_SENT = "mo.contract.deleted.sent.to.oem"
    MO_CONTRACT_DELIVERED = "mo.contract.delivered.to.oem"
    MO_CONTRACT_REJECTED = "mo.contract.rejected.by.oem"
    MO_CONTRACT_QUEUED = "mo.contract.queued.to.oem"
    OEM_CONTRACT_CREATED = "oem.contract.created"
    OEM_CONTRACT_UPDATED = "oem.contract.updated"
    OEM_CONTRACT_DELETED = "oem.contract.deleted"


class OutboxEvent(models.Model):
    """One OPCP event for one organisation, or for all when `organization` is empty (roots).

    `lane` (the PCID) keeps the order of events about one vehicle; ids follow commits because
    services lock the PCID before they change its rows.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60, choices=EventKind)
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
