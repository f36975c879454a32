"""Long work as rows: progress, an outcome per row, cancelling and resuming."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimeStamped
from apps.participants.models import Organization


class Job(TimeStamped):
    """One long task: an import, a bulk conclusion, a cleansing run.

    `done` and `failed` are raised with each settled row in the row's transaction. `nudged_at` is
    when a worker was last asked for or took rows: the sweep asks again where that is long ago.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True)
    started_by_kind = models.CharField(max_length=10)
    started_by = models.CharField(max_length=64)
    started_by_label = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    nudged_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="job_organization"),
            models.Index(fields=["state", "id"], name="job_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class JobRow(models.Model):
    """One unit of a job: what it was asked to do, and how it went.

    Work in hand carries a lease: `lease` names the holder's grip, so that a holder whose lease ran
    out and was given to another cannot settle the row any more. `attempts` counts the leases.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    input = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="job_row_once"),
        ]
        indexes = [
            models.Index(fields=["job", "state", "number"], name="job_row_state"),
            models.Index(fields=["lease"], name="job_row_lease", condition=Q(lease__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"
