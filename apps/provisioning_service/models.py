"""CPS: the certificates that sign contract data, and how far was looked at what ends."""

from django.db import models

from apps.keys.models import StoredKey
from apps.pki.models import IssuedCertificate, SubCa
from apps.root_pool.models import RootCertificate


class Signer(models.Model):
    """A CPS leaf certificate of ours with its chain, under one V2G root of the RCP.

    The newest active one of a root signs; older ones stay to show what they signed.
    """

    root = models.ForeignKey(RootCertificate, models.PROTECT, related_name="signers")
    key = models.ForeignKey(StoredKey, models.PROTECT)
    certificate = models.OneToOneField(IssuedCertificate, models.PROTECT)
    der = models.BinaryField(max_length=2000)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    sub_ca2 = models.ForeignKey(SubCa, models.PROTECT, null=True, related_name="+")
    sub_ca1 = models.ForeignKey(SubCa, models.PROTECT, related_name="+")
    namespace = models.CharField(max_length=60)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "CPS signer"
        indexes = [models.Index(fields=["active", "root", "-not_after"], name="signer_use")]

    def __str__(self) -> str:
        return f"CPS signer until {self.not_after:%Y-%m-%d}"


class ExpiryMark(models.Model):
    """How far the warnings of one kind, so many days ahead, have come.

    All that ends up to `until` (and has a row id up to `last` where it ends then) was looked at.
    The mark moves in the transaction that tells, so each warning is told once, and no row is
    written for each certificate.
    """

    kind = models.CharField(max_length=20)
    days = models.PositiveSmallIntegerField()
    until = models.DateTimeField()
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "days"], name="expiry_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.days} days ahead, until {self.until:%Y-%m-%d}"
