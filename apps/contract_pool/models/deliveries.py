"""What vehicles and OEM backends fetched, or why they could not."""

from django.db import models

from apps.participants.models import Organization


class Delivery(models.Model):
    """One installation request or OEM pull. Rows outlive the contract they speak of."""

    class Way(models.TextChoices):
        INSTALLATION = "installation", "Charge point"
        OEM = "oem", "OEM backend"

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        REFUSED = "refused", "Refused"

    way = models.CharField(max_length=12, choices=Way)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT)
    caller = models.CharField(max_length=64)
    pcid = models.CharField(max_length=18, blank=True)
    emaid_key = models.CharField(max_length=14, blank=True)
    contract_data_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["organization", "-id"], name="delivery_organization"),
            models.Index(fields=["pcid", "-id"], name="delivery_pcid"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.outcome}"
