"""RCP: the trust anchors."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimeStamped
from apps.keys.models import StoredKey
from apps.participants.models import Organization
from apps.pki.models import IssuedCertificate, SubCa
from v2g.pki.certificate import Certificate


class RootQuerySet(models.QuerySet["RootCertificate"]):
    """Chainable conditions."""

    def trusted(self) -> Self:
        """The anchors: a root stays one until its removal is confirmed."""
        states = (RootCertificate.State.TRUSTED, RootCertificate.State.REMOVAL_ASKED)
        return self.filter(state__in=states)

    def gone(self) -> Self:
        """Those that were anchors and are none any more."""
        return self.filter(state__in=(RootCertificate.State.REMOVED, RootCertificate.State.EXPIRED))

    def waiting(self) -> Self:
        """Those that a second person must look at."""
        states = (RootCertificate.State.SUBMITTED, RootCertificate.State.REMOVAL_ASKED)
        return self.filter(state__in=states)


class RootCertificate(TimeStamped):
    """A root, from the first pair of eyes to its removal.

    Only TRUSTED rows and those REMOVAL_ASKED (not yet confirmed by a second person) are anchors.
    The policy fields say how the status of certificates below this root is learnt.
    """

    class Type(models.TextChoices):
        V2G = "V2G", "V2G"
        OEM = "OEM", "OEM"
        MO = "MO", "MO"
        PE = "PE", "PE"

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for the second person")
        TRUSTED = "trusted", _("Trusted")
        REMOVAL_ASKED = "removal_asked", _("Removal waits for the second person")
        REJECTED = "rejected", _("Rejected")
        REMOVED = "removed", _("Removed")
        EXPIRED = "expired", _("Expired")

    class StatusOrder(models.TextChoices):
        CRL_FIRST = "crl,ocsp", _("CRL, else OCSP")
        OCSP_FIRST = "ocsp,crl", _("OCSP, else CRL")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    root_type = models.CharField(max_length=3, choices=Type)
    state = models.CharField(max_length=15, choices=State, default=State.SUBMITTED)
    der = models.BinaryField(max_length=4000)
    fingerprint = models.BinaryField(max_length=32)
    subject = models.CharField(max_length=300)
    common_name = models.CharField(max_length=100, blank=True)
    organization_name = models.CharField(max_length=100, blank=True)
    key_identifier = models.BinaryField(max_length=64, blank=True)
    serial = models.BinaryField(max_length=20)
    namespace = models.CharField(max_length=60)
    curve = models.CharField(max_length=12)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()

    status_order = models.CharField(
        max_length=10, choices=StatusOrder, default=StatusOrder.CRL_FIRST
    )
    status_optional = models.BooleanField(
        default=False,
        help_text="Accept certificates below this root although no status service answers.",
    )
    status_max_age_days = models.PositiveSmallIntegerField(default=7)

    submitted_by = models.CharField(max_length=64)
    submitted_by_label = models.CharField(max_length=150)
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_by_label = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    removal_asked_by = models.CharField(max_length=64, blank=True)
    removal_asked_by_label = models.CharField(max_length=150, blank=True)

    objects = RootQuerySet.as_manager()

    class Meta:
        verbose_name = "root certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state__in=["submitted", "trusted", "removal_asked"]),
                name="root_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "root_type"], name="root_state")]

    def __str__(self) -> str:
        return self.common_name or self.subject

    @property
    def certificate(self) -> Certificate:
        """The root, read from its octets."""
        return Certificate.from_der(bytes(self.der))


class Generation(models.Model):
    """One row that every change of the anchors rewrites: in-process caches compare it.

    The number is drawn at random, not counted up: a number that was rolled back must not come
    again with other content.
    """

    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)


class TrustListSignerQuerySet(models.QuerySet["TrustListSigner"]):
    """Chainable conditions; times are passed in."""

    def good(self, *, since: datetime, until: datetime) -> Self:
        """Whose certificate was not revoked and is valid at both instants."""
        return self.filter(
            certificate__state=IssuedCertificate.State.ISSUED,
            certificate__not_before__lte=since,
            certificate__not_after__gte=until,
        )


class TrustListSigner(models.Model):
    """A key of ours that signs the list of trusted roots, and its certificate."""

    certificate = models.OneToOneField(IssuedCertificate, models.PROTECT, related_name="+")
    key = models.ForeignKey(StoredKey, models.PROTECT, related_name="+")

    objects = TrustListSignerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"trust list signer {self.certificate_id}"


class TrustList(models.Model):
    """The newest signed list of the trusted roots; one row, rewritten when the anchors change.

    `generation` is the number of the anchors that the list holds, `der` the CMS SignedData.
    """

    generation = models.BigIntegerField()
    signer = models.ForeignKey(TrustListSigner, models.PROTECT, related_name="+")
    der = models.BinaryField()
    issued_at = models.DateTimeField()
    next_update = models.DateTimeField()

    def __str__(self) -> str:
        return f"trust list of {self.issued_at:%Y-%m-%d %H:%M}"


class TrustStoreDownload(models.Model):
    """What an organisation took when it last downloaded the roots of a type for its trust stores.

    `roots` maps the SHA-256 (hex) of each root to its name, so that one that left the pool since
    can still be named.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    root_type = models.CharField(max_length=3, choices=RootCertificate.Type)
    roots = models.JSONField(default=dict)
    downloaded_at = models.DateTimeField()
    downloaded_by_label = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "root_type"], name="trust_store_download_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.root_type} trust store of {self.organization}"


class CleansingDecisionQuerySet(models.QuerySet["CleansingDecision"]):
    """Chainable conditions."""

    def open(self) -> Self:
        """About a CA that still counts no more, whatever was decided."""
        return self.filter(closed_at=None)

    def waiting(self) -> Self:
        """Nobody has decided yet."""
        return self.open().filter(state=CleansingDecision.State.WAITING)

    def proceeding(self) -> Self:
        """What hangs on the CA leaves the pools."""
        return self.open().filter(state=CleansingDecision.State.PROCEED)


class CleansingDecision(models.Model):
    """A CA that counts no more, on which so much hangs that a person decides whether that leaves.

    It is about a root or a sub-CA, one of the two. `dependants` are the counts of what hung on it
    when the question came up, by name. Meanwhile nothing below it is taken in or served.
    `closed_at` is when nothing was left to do, or the CA counted again.
    """

    class Why(models.TextChoices):
        REMOVED = "removed", _("Removed")
        REVOKED = "revoked", _("Revoked")
        EXPIRED = "expired", _("Expired")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a decision")
        PROCEED = "proceed", _("Take it out")
        KEEP = "keep", _("Keep it")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    root = models.ForeignKey(RootCertificate, models.PROTECT, null=True, related_name="+")
    sub_ca = models.ForeignKey(SubCa, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=10, choices=Why)
    name = models.CharField(max_length=300)
    dependants = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decided_by_label = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = CleansingDecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["root"], condition=Q(closed_at=None), name="cleansing_asked_once_of_root"
            ),
            models.UniqueConstraint(
                fields=["sub_ca"],
                condition=Q(closed_at=None),
                name="cleansing_asked_once_of_sub_ca",
            ),
            models.CheckConstraint(
                condition=Q(root=None) ^ Q(sub_ca=None), name="cleansing_about_one_ca"
            ),
        ]

    def __str__(self) -> str:
        return self.name
