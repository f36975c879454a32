"""Our own CAs and every certificate they were asked to sign."""

import uuid

from django.db import models

from apps.keys.models import StoredKey
from apps.participants.models import Organization


class Authority(models.Model):
    """A CA of ours: a V2G root or a sub-CA below one.

    `purpose` is the PKI it serves (V2G for the root itself). A CA is chosen by purpose and root;
    `active` ones issue, the others only answer for the status of what they issued.
    """

    class Purpose(models.TextChoices):
        V2G = "V2G", "V2G root"
        CPO = "CPO", "Charge points"
        MO = "MO", "Contracts"
        OEM = "OEM", "Vehicles"
        CPS = "CPS", "Provisioning service"

    class Level(models.IntegerChoices):
        ROOT = 0, "Root"
        SUB1 = 1, "Sub-CA 1"
        SUB2 = 2, "Sub-CA 2"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=64)
    purpose = models.CharField(max_length=4, choices=Purpose)
    level = models.PositiveSmallIntegerField(choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    key = models.ForeignKey(StoredKey, models.PROTECT)
    der = models.BinaryField(max_length=2000)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "authorities"
        indexes = [models.Index(fields=["purpose", "level", "active"], name="authority_use")]

    def __str__(self) -> str:
        return self.name


class IssuedCertificate(models.Model):
    """One certificate of ours, from the intent to its end.

    The row is committed as INTENDED before anything is signed, so a crash between any two steps
    leaves a trace. It is the status of the certificate: nobody asks our own CAs over HTTP.
    """

    class State(models.TextChoices):
        INTENDED = "intended", "Ordered"
        ISSUED = "issued", "Issued"
        REVOKED = "revoked", "Revoked"
        ABANDONED = "abandoned", "Abandoned"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="issued")
    serial = models.BinaryField(max_length=20)
    profile = models.CharField(max_length=40)
    common_name = models.CharField(max_length=64)
    owner = models.ForeignKey(Organization, models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=State, default=State.INTENDED)
    der = models.BinaryField(max_length=2000, null=True)
    fingerprint = models.BinaryField(max_length=32, null=True, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    intended_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "serial"], name="issued_serial_once"),
        ]
        indexes = [
            models.Index(fields=["common_name", "state"], name="issued_common_name"),
            models.Index(
                fields=["intended_at"],
                name="issued_open",
                condition=models.Q(state="intended"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.common_name}"
