"""The audit trail: rows are inserted, never changed."""

import uuid
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class InsertOnlyError(TypeError):
    """Somebody tried to change or remove what may only be added to: a defect of ours."""


class InsertOnlyQuerySet(models.QuerySet[Any]):
    """Rows come in by insert; every other way to write is refused."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError(f"{self.model.__name__} is insert only")

    def delete(self) -> NoReturn:
        raise InsertOnlyError(f"{self.model.__name__} is insert only")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError(f"{self.model.__name__} is insert only")


class InsertOnly(models.Model):
    """A row that can be saved once and never again."""

    objects: ClassVar[models.Manager[Any]] = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise InsertOnlyError(f"{type(self).__name__} is insert only")
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError(f"{type(self).__name__} is insert only")


class AuditEvent(InsertOnly):
    """Who did what to which object, with which result.

    `mac` is a keyed MAC over every other field; the key is outside the database. Written in the
    transaction of the change; refusals are written in a transaction of their own. `uuid` makes a
    copy of a row impossible: the MAC covers it, and it is unique.
    """

    class Result(models.TextChoices):
        OK = "ok", _("Done")
        REFUSED = "refused", _("Refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(db_index=True)
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
            models.Index(
                fields=["target_id", "target_type", "-id"],
                opclasses=["varchar_pattern_ops", "varchar_ops", "int8_ops"],
                name="audit_target",
            ),
            models.Index(fields=["organization_id", "-id"], name="audit_organization"),
            models.Index(fields=["actor_kind"], name="audit_kind"),
            models.Index(
                fields=["organization_id", "-id"],
                condition=models.Q(result="refused"),
                name="audit_refused",
            ),
            models.Index(
                fields=["action", "-id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="audit_action",
            ),
            models.Index(
                fields=["actor_label", "-id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="audit_actor",
            ),
            models.Index(fields=["actor_id", "-id"], name="audit_actor_id"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"


class AuditSeal(InsertOnly):
    """One link of the chain: a keyed MAC over the events of a batch and the previous seal.

    `number` counts from 1 without gaps and is unique, so of two sealers at the same time one
    wins. `reaches` is the time up to which events were seen; the next seal looks from there.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    reaches = models.DateTimeField()
    events = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    key_version = models.PositiveSmallIntegerField()
    mac = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"seal {self.number} over {self.events} events"


class SealedEvent(InsertOnly):
    """Which seal covers an event: kept beside the events because those are never updated."""

    event = models.OneToOneField(AuditEvent, models.PROTECT, primary_key=True, related_name="link")
    seal = models.ForeignKey(AuditSeal, models.PROTECT, related_name="links")

    def __str__(self) -> str:
        return f"event {self.event_id} in seal {self.seal_id}"


class AuditArchive(InsertOnly):
    """The anchor that an archived file leaves behind: where the chain went on when its rows left.

    `last_mac` is the MAC of the last seal in the file, which the next seal was made after; `sha256`
    is of the whole file. `mac` covers all of it and the MAC of the anchor before.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    name = models.CharField(max_length=100)
    sha256 = models.BinaryField(max_length=32)
    first_seal = models.PositiveBigIntegerField()
    last_seal = models.PositiveBigIntegerField()
    last_mac = models.BinaryField(max_length=32)
    events = models.PositiveIntegerField()
    key_version = models.PositiveSmallIntegerField()
    mac = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"archive {self.number} with {self.events} events"


class RefusalCount(models.Model):
    """A client that was refused more than 60 times in one minute: its further ones are counted.

    The count itself is in the cache while the minute runs; afterwards it becomes one audit event
    and this row goes.
    """

    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=150)
    organization_id = models.BigIntegerField(null=True)
    minute = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor_kind", "actor_id", "minute"], name="refusals_counted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"refusals of {self.actor_label}"
