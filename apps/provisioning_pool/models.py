"""PCP: one provisioning certificate per vehicle."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import OuterRef, Q

from apps.participants.models import Organization
from apps.pki.models import SubCa
from apps.root_pool.models import RootCertificate


class VehicleQuerySet(models.QuerySet["ProvisioningCertificate"]):
    """Chainable conditions; times are passed in."""

    def below(self, sub_ca_id: int | OuterRef) -> Self:
        """Vehicles whose chain holds this sub-CA."""
        return self.filter(Q(sub_ca2=sub_ca_id) | Q(sub_ca1=sub_ca_id))

    def with_certificate(self, fingerprint: bytes) -> Self:
        """Vehicles whose chain below the root holds this certificate."""
        # Looked up first: an index serves each key, and none serves a condition over three tables.
        sub_ca = SubCa.objects.filter(fingerprint=fingerprint).first()
        return self.below(sub_ca.pk) if sub_ca else self.filter(fingerprint=fingerprint)

    def expired(self, at: datetime) -> Self:
        """Vehicles whose own certificate ended before the instant."""
        return self.filter(not_after__lt=at)


class ProvisioningCertificate(models.Model):
    """The current certificate of one vehicle. The row leaves when the vehicle is withdrawn.

    `pcid` is canonical upper case; the spelling of the certificate stays in `der`. `serial` is the
    serial number; rows of an earlier release learn it later (`services.learn_serials`). `checks`
    is the record of what was verified before the row was written: rule set, time, and for each
    certificate the status answer that was used. `v2g_roots` are the key identifiers (hex) of the
    roots that the vehicle carries; empty means that the OEM did not say.
    """

    pcid = models.CharField("PCID", max_length=18, unique=True)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="vehicles", db_index=False)
    namespace = models.CharField(max_length=60)
    der = models.BinaryField(max_length=2000)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    serial = models.BinaryField(max_length=20, null=True)
    sub_ca2 = models.ForeignKey(SubCa, models.PROTECT, null=True, related_name="+", db_index=False)
    sub_ca1 = models.ForeignKey(SubCa, models.PROTECT, related_name="+")
    root = models.ForeignKey(RootCertificate, models.PROTECT, related_name="vehicles")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    v2g_roots = models.JSONField(default=list)
    previous_pcid = models.CharField(max_length=18, blank=True)
    checks = models.JSONField(default=dict)
    published_at = models.DateTimeField()

    objects = VehicleQuerySet.as_manager()

    class Meta:
        verbose_name = "provisioning certificate"
        indexes = [
            models.Index(fields=["owner", "-not_after", "-id"], name="pcp_owner_expiry"),
            models.Index(fields=["not_after", "id"], name="pcp_expiry"),
            models.Index(fields=["sub_ca2", "id"], name="pcp_sub_ca2"),
            models.Index(fields=["serial"], name="pcp_serial"),
            models.Index(fields=["id"], condition=Q(serial=None), name="pcp_no_serial"),
            BrinIndex(fields=["published_at"], name="pcp_published"),
        ]

    def __str__(self) -> str:
        return self.pcid
