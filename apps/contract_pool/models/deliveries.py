"""What vehicles and OEM backends fetched, or why they could not."""

from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.participants.models import Organization

_REFUSED: Final = Q(outcome="refused")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Chainable conditions."""

    def untold(self) -> Self:
        """Handed out, and not looked at yet by who tells the MOs."""
        return self.filter(outcome=Delivery.Outcome.DELIVERED, notice=Delivery.Notice.OPEN)


class Delivery(models.Model):
    """One installation request or OEM pull. Rows outlive the contract data they speak of.

    `notice` says whether the MO was told by this row: once per contract data and way.
    """

    class Way(models.TextChoices):
        INSTALLATION = "installation", _("Charge point")
        OEM = "oem", _("OEM backend")

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        REFUSED = "refused", _("Refused")

    class Notice(models.TextChoices):
        OPEN = "", "Not looked at"
        TOLD = "told", "The MO was told"
        SILENT = "silent", "Told before, or nobody to tell"

    way = models.CharField(max_length=12, choices=Way)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False)
    caller = models.CharField(max_length=64)
    pcid = models.CharField(max_length=18, blank=True)
    emaid_key = models.CharField(max_length=14, blank=True)
    contract_id = models.BigIntegerField(null=True)
    contract_data_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    notice = models.CharField(max_length=6, choices=Notice, blank=True, default=Notice.OPEN)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["contract_data_id", "way"],
                condition=Q(notice="told"),
                name="delivery_told_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(outcome="delivered", notice=""), name="delivery_untold"
            ),
            models.Index(fields=["organization", "-at", "-id"], name="delivery_newest"),
            models.Index(fields=["-at", "-id"], name="delivery_at"),
            models.Index(
                fields=["organization", "-at", "-id"],
                condition=_REFUSED,
                name="delivery_refused_newest",
            ),
            models.Index(fields=["-at", "-id"], condition=_REFUSED, name="delivery_refused_at"),
            models.Index(fields=["way"], name="delivery_way"),
            models.Index(fields=["reason"], name="delivery_reason"),
            models.Index(
                fields=["pcid", "-id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="delivery_pcid",
            ),
            models.Index(
                fields=["emaid_key"], opclasses=["varchar_pattern_ops"], name="delivery_emaid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.outcome}"
