"""Webhook endpoints, and what is delivered to them, attempt by attempt."""

import uuid
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimeStamped
from apps.events.models.outbox import OutboxEvent
from apps.participants.models import Organization


class WebhookEndpoint(TimeStamped):
    """Where an organisation wants to be told of which events (OPCP webhooks.v1 EndpointResponse).

    `sealed` is the secret of the HMAC, bound to this row. A deleted endpoint keeps its row, without
    secret, until its last delivery is past its retention. `resting_until`: the receiver was not
    reached several times in a row, so for a minute nobody waits for it.
    """

    class State(models.TextChoices):
        ENABLED = "enabled", _("Enabled")
        DISABLED = "disabled", _("Disabled")
        DELETED = "deleted", _("Deleted")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="webhooks")
    state = models.CharField(max_length=10, choices=State, default=State.ENABLED)
    url = models.CharField("URL", max_length=500)
    description = models.CharField(max_length=500, blank=True)
    api_version = models.CharField(max_length=10, default="v1")
    events = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    created_by = models.CharField(max_length=150)
    sealed = models.BinaryField(max_length=200)
    key_version = models.PositiveSmallIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "webhook"

    @property
    def host(self) -> str:
        """The part of the URL that anybody may see: the path may be a secret of the receiver."""
        return urlsplit(self.url).hostname or ""

    def __str__(self) -> str:
        return self.host


class WebhookDelivery(models.Model):
    """One event for one endpoint: waiting until it was taken, refused, or given up.

    `lane` names its queue: the PCID of the event, or the event itself where no order is due. Only
    what somebody sends again may be a second delivery of the same event.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        REJECTED = "rejected", _("Rejected")
        FAILED = "failed", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="deliveries")
    lane = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    again = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"], condition=Q(again=False), name="webhook_event_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "lane", "id"],
                condition=Q(state="waiting"),
                name="webhook_waiting",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_newest"),
            models.Index(fields=["state"], name="webhook_state"),
            models.Index(
                fields=["settled_at"], condition=Q(settled_at__isnull=False), name="webhook_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.kind} {self.uuid}"


class WebhookLane(models.Model):
    """A queue of one endpoint that has something waiting; it goes when it is empty.

    Its first delivery may be tried from `due_at` on. Who holds `lease` until `leased_until` works
    it off; everybody else leaves it alone, so events about one vehicle never overtake each other.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="lanes", db_index=False
    )
    lane = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "lane"], name="webhook_lane_once"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], name="webhook_lane_due"),
            models.Index(
                fields=["lease"], condition=Q(lease__isnull=False), name="webhook_lane_lease"
            ),
        ]

    def __str__(self) -> str:
        return self.lane


class WebhookAttempt(models.Model):
    """One request to a receiver: what it answered, or why it did not; never the whole body.

    `status_code` is empty where there was no answer. `note` is the reason, or the beginning of what
    a receiver said that did not take the event.
    """

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "webhook attempt"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"attempt {self.number}"
