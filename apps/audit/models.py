"""The audit trail: rows are inserted, never changed."""

from django.db import models


class AuditEvent(models.Model):
    """Who did what to which object, with which result.

    `mac` is a keyed MAC over every other field; the key is outside the database. Written in the
    transaction of the change; refusals are written in a transaction of their own.
    """

    class Result(models.TextChoices):
        OK = "ok", "Done"
        REFUSED = "refused", "Refused"

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=150)
    organization_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=100)
    result = models.CharField(max_length=10, choices=Result)
    reason = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    key_version = models.PositiveSmallIntegerField()
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_target"),
            models.Index(fields=["organization_id", "-id"], name="audit_organization"),
            models.Index(fields=["action", "-id"], name="audit_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"


class AuditSeal(models.Model):
    """One link of the chain: a keyed MAC over the events of a batch and the previous seal."""

    at = models.DateTimeField()
    events = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    key_version = models.PositiveSmallIntegerField()
    mac = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"seal {self.pk} over {self.events} events"


class SealedEvent(models.Model):
    """Which seal covers an event: kept beside the events because those are never updated."""

    event = models.OneToOneField(AuditEvent, models.PROTECT, primary_key=True, related_name="link")
    seal = models.ForeignKey(AuditSeal, models.PROTECT, related_name="links")

    def __str__(self) -> str:
        return f"event {self.event_id} in seal {self.seal_id}"
