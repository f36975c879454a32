"""What happened on each day, in numbers: the dashboards draw them without reading a pool."""

from django.db import models
from django.db.models import Q

from apps.participants.models import Organization


class DailyFigure(models.Model):
    """How often something happened on one day (UTC), to one party, or to all where there is none.

    The days of the last months are read, so a page costs the same whatever the pools hold.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published", "Provisioning certificates published, by the OEM"
        CONCLUDED = "concluded", "Contracts concluded, by the MO"
        INSTALLED = "installed", "Contract data installed at a charge point, by the MO"
        FETCHED = "fetched", "Contract data fetched by an OEM backend, by the MO"
        REFUSED = "refused", "Requests at charge points that were refused, of all alone"
        ANSWERED = "answered", "Requests of OEM backends that got contract data, by the OEM"
        UNANSWERED = "unanswered", "Requests of OEM backends that were refused, by the OEM"
        TOLD = "told", "Webhook deliveries that were taken, by the receiver"
        NOT_TOLD = "not_told", "Webhook deliveries refused or given up, by the receiver"

    day = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind)
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", db_index=False
    )
    count = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "day"], name="figure_once_for_a_party"
            ),
            models.UniqueConstraint(
                fields=["kind", "day"],
                condition=Q(organization__isnull=True),
                name="figure_once_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
