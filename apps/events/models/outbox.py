"""The outbox: what the parties are to be told, written with the change itself."""

import uuid

from django.db import models
from django.db.models import Q

from apps.participants.models import Organization


class EventKind(models.TextChoices):
    """The events of OPCP, by its names (documentation part 6 and webhooks.payload).

    The last two are ours, because OPCP has none for them: what an MO with its own CA is asked for,
    and a certificate that ends.
    """

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
    MO_CONTRACT_RENEWAL_DUE = "mo.contract.renewal.due"
    CERTIFICATE_EXPIRING = "certificate.expiring"


TEST_KIND = "webhook.test"
"""Ours, not OPCP's: what an organisation has sent to itself. Nobody subscribes to it."""


class OutboxEvent(models.Model):
    """One OPCP event for one organisation, or for all when `organization` is empty (roots).

    `lane` (the PCID) keeps the order of events about one vehicle; ids follow commits because
    services lock the PCID before they change its rows. `counterpart` is the MO that is told what
    became of an event for an OEM; `answers` is the event whose fate this one tells, each fate once.
    `fanned_out_at` is when the deliveries to the subscribed endpoints were written.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60, choices=EventKind)
    organization = models.ForeignKey(Organization, models.CASCADE, null=True, db_index=False)
    lane = models.CharField(max_length=18, blank=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    counterpart = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", db_index=False
    )
    answers = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="answered_by", db_index=False
    )
    fanned_out_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answers", "kind"],
                condition=Q(answers__isnull=False),
                name="outbox_each_fate_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(fanned_out_at__isnull=True), name="outbox_waiting"
            ),
            models.Index(fields=["organization", "-id"], name="outbox_organization"),
            models.Index(
                fields=["lane", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="outbox_lane",
            ),
            models.Index(fields=["kind"], opclasses=["varchar_pattern_ops"], name="outbox_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
