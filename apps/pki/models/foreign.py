"""Sub-CAs of others, stored once, and what is known of the status of foreign certificates."""

from django.db import models
from django.db.models import Q


class SubCa(models.Model):
    """A sub-CA certificate (OEM, MO, CPS), referenced by every row below it.

    Five million vehicle rows share a handful of these, so they are never copied.
    """

    der = models.BinaryField(max_length=2000)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    subject = models.CharField(max_length=300)
    serial = models.BinaryField(max_length=20)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "sub-CA"

    def __str__(self) -> str:
        return self.subject


class StatusIssuer(models.Model):
    """The certificate of a foreign CA: what is fetched again about its certificates is verified
    with it.
    """

    fingerprint = models.BinaryField(max_length=32, unique=True)
    der = models.BinaryField(max_length=8000)
    not_after = models.DateTimeField()

    class Meta:
        verbose_name = "issuer of foreign certificates"

    def __str__(self) -> str:
        return bytes(self.fingerprint).hex()


class ForeignCrl(models.Model):
    """The newest verified CRL of a foreign issuer; absence of a serial in it means good.

    `next_try_at` is when it is fetched again, and doubles as the lease of who does so.
    """

    issuer_fingerprint = models.BinaryField(max_length=32, unique=True)
    url = models.URLField(max_length=2000)
    number = models.BinaryField(max_length=20, null=True)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    fetched_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name = "foreign CRL"

    def __str__(self) -> str:
        return self.url


class ForeignRevocation(models.Model):
    """One serial that a foreign CRL names."""

    crl = models.ForeignKey(ForeignCrl, models.CASCADE, related_name="revocations")
    serial = models.BinaryField(max_length=20)
    revoked_at = models.DateTimeField()
    reason = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["crl", "serial"], name="foreign_serial_once"),
        ]

    def __str__(self) -> str:
        return f"revoked {bytes(self.serial).hex()}"


class OcspAnswer(models.Model):
    """The newest verified answer of OCSP (or of a partial CRL) about one foreign certificate.

    `next_try_at` is when `url` is asked again (None: never), and doubles as the lease of who asks.
    """

    class Scope(models.TextChoices):
        """Which certificates the source speaks of: one (OCSP), or those a partial CRL covers."""

        ONE = "one"
        USERS = "users"
        CAS = "cas"

    issuer_fingerprint = models.BinaryField(max_length=32)
    serial = models.BinaryField(max_length=20)
    status = models.CharField(max_length=10)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True)
    fetched_at = models.DateTimeField()
    url = models.URLField(max_length=2000, blank=True)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.ONE)
    not_after = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name = "OCSP answer"
        constraints = [
            models.UniqueConstraint(fields=["issuer_fingerprint", "serial"], name="ocsp_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="revoked"), name="ocsp_revoked"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {bytes(self.serial).hex()}"
