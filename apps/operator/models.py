"""Signs of life of the parts that run in the background, and runs of the pools' cleansing."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job


class Heartbeat(models.Model):
    """When a part last did what the clock asked of it."""

    part = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.at}"


class CleansingRun(models.Model):
    """One sweep of pools: who or what started it, and what it found.

    The work is a Job, whose rows are batches; there is none where nothing had to leave. What came
    of it stands in the counts, one for each pool and cause.
    """

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        BUTTON = "button", _("Button")
        COMMAND = "command", _("Command line")
        DECISION = "decision", _("Decision")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trigger = models.CharField(max_length=10, choices=Trigger)
    pools = models.JSONField(default=list)
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="cleansing")
    started_at = models.DateTimeField()
    started_by_label = models.CharField(max_length=150)
    asked = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"cleansing {self.uuid}"


class CleansingCount(models.Model):
    """What one run did for one reason in one pool.

    `found` rows were looked at, `removed` left, `followed` is what went with them in the pool
    above, and `told` how many events parties were sent.
    """

    run = models.ForeignKey(CleansingRun, models.CASCADE, related_name="counts")
    pool = models.CharField(max_length=3)
    cause = models.CharField(max_length=10)
    found = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    followed = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "pool", "cause"], name="cleansing_counted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pool} {self.cause}"
