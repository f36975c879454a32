"""What a car maker's people prepare before it enters the pool."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models

from apps.core.models import TimeStamped
from apps.jobs.models import Job
from apps.participants.models import Organization


class UploadBatchQuerySet(models.QuerySet["UploadBatch"]):
    """Chainable conditions; times are passed in."""

    def drafts(self, now: datetime) -> Self:
        """Checked, not imported, and not yet forgotten."""
        return self.filter(job__isnull=True, expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        """Nobody needs them any more; of what was imported the job remains."""
        return self.filter(expires_at__lte=now)


class UploadBatch(TimeStamped):
    """One upload of provisioning certificates after its dry run, until it is imported or expires.

    `counts` has the number of rows by result, `left_out` that of roots and repeated certificates.
    `only` is the PCID of the vehicle that is renewed, where the upload is for one.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="uploads")
    checked_by = models.CharField(max_length=64)
    checked_by_label = models.CharField(max_length=150)
    only = models.CharField(max_length=18, blank=True)
    counts = models.JSONField(default=dict)
    left_out = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")

    objects = UploadBatchQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="oem_upload_organization"),
            models.Index(fields=["expires_at"], name="oem_upload_expiry"),
        ]

    def __str__(self) -> str:
        return f"upload {self.uuid}"


class UploadRow(models.Model):
    """One certificate or unreadable file of an upload, and what the dry run found.

    `checks` maps each check to how it went, `code` and `detail` say what failed. `input` is what
    the job gets: the certificates in base64 (DER), nothing else ever.
    """

    class Result(models.TextChoices):
        FAILED = "0failed", "Cannot be imported"
        REKEYS = "1rekeys", "New key: contracts end"
        RENEWS = "2renews", "Renews"
        NEW = "3new", "New vehicle"
        SAME = "4same", "Already in the pool"

    batch = models.ForeignKey(UploadBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    pcid = models.CharField(max_length=18, blank=True)
    result = models.CharField(max_length=10, choices=Result)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    checks = models.JSONField(default=dict)
    chain = models.CharField(max_length=400, blank=True)
    not_after = models.DateTimeField(null=True)
    input = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="oem_upload_row_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "result", "number"], name="oem_upload_row_result"),
        ]

    def __str__(self) -> str:
        return self.pcid or self.source
