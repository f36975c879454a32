"""What we publish about the certificates of our authorities: CRLs, and OCSP answers to keep."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from apps.keys.models import StoredKey
from apps.pki.models.authorities import Authority, IssuedCertificate


class PublishedCrlQuerySet(models.QuerySet["PublishedCrl"]):
    """Chainable conditions; times are passed in."""

    def due(self, before: datetime) -> Self:
        """Never signed, behind what was revoked since, or ending before the instant."""
        return self.filter(
            Q(der=None) | Q(changes__gt=F("covered")) | Q(next_update__lt=before),
        )


class PublishedCrl(models.Model):
    """The newest list of one authority.

    `changes` counts the transactions that changed what the list must say, and `covered` is what
    that count was when the list was begun: the list is behind while they differ. `number` is its
    CRL number (RFC 5280 5.2.3) and only ever grows by one.
    """

    authority = models.OneToOneField(Authority, models.PROTECT, related_name="crl")
    number = models.PositiveBigIntegerField(default=0)
    der = models.BinaryField(null=True)
    this_update = models.DateTimeField(null=True)
    next_update = models.DateTimeField(null=True)
    changes = models.PositiveBigIntegerField(default=0)
    covered = models.PositiveBigIntegerField(default=0)

    objects = PublishedCrlQuerySet.as_manager()

    class Meta:
        verbose_name = "published CRL"

    def __str__(self) -> str:
        return f"CRL {self.number} of authority {self.authority_id}"

    def is_current(self, at: datetime) -> bool:
        """Tell whether the list says all it must and has not ended at the instant."""
        return (
            self.der is not None
            and self.changes == self.covered
            and self.next_update is not None
            and self.next_update > at
        )


class ResponderQuerySet(models.QuerySet["Responder"]):
    """Chainable conditions; times are passed in."""

    def good(self, *, since: datetime, until: datetime) -> Self:
        """Not revoked, and valid from one instant to the other."""
        return self.filter(
            certificate__state=IssuedCertificate.State.ISSUED,
            certificate__not_before__lte=since,
            certificate__not_after__gte=until,
        )


class Responder(models.Model):
    """A key to which an authority delegated its OCSP answers (RFC 6960 4.2.2.2)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="responders")
    certificate = models.OneToOneField(IssuedCertificate, models.PROTECT, related_name="responder")
    key = models.ForeignKey(StoredKey, models.PROTECT)

    objects = ResponderQuerySet.as_manager()

    class Meta:
        verbose_name = "OCSP responder"

    def __str__(self) -> str:
        return f"OCSP responder of authority {self.authority_id}"


class PublishedAnswer(models.Model):
    """A signed OCSP answer without a nonce, kept for the next who ask the same.

    `question` is the SHA-256 of the CertID that is asked for. The row goes in the transaction that
    changes the certificate's status, or that revokes the responder who signed it.
    """

    question = models.BinaryField(max_length=32, unique=True)
    certificate = models.ForeignKey(IssuedCertificate, models.CASCADE, related_name="answers")
    responder = models.ForeignKey(Responder, models.CASCADE, null=True)
    der = models.BinaryField(max_length=4000)
    next_update = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "published OCSP answer"

    def __str__(self) -> str:
        return f"OCSP answer {bytes(self.question).hex()}"
