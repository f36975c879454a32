"""Our own CAs and every certificate they were asked to sign."""

import uuid
from datetime import datetime
from functools import cached_property
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.keys.models import StoredKey
from apps.participants.models import Organization
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion


class Authority(models.Model):
    """A CA of ours: a V2G root or a sub-CA below one.

    `purpose` is the PKI it serves (V2G for the root itself). A CA is chosen by purpose and root;
    `active` ones issue, the others only answer for the status of what they issued.
    """

    class Purpose(models.TextChoices):
        V2G = "V2G", _("V2G root")
        CPO = "CPO", _("Charge points")
        MO = "MO", _("Contracts")
        OEM = "OEM", _("Vehicles")
        CPS = "CPS", _("Provisioning service")

    class Level(models.IntegerChoices):
        ROOT = 0, _("Root")
        SUB1 = 1, _("Sub-CA 1")
        SUB2 = 2, _("Sub-CA 2")

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

    @cached_property
    def certificate(self) -> Certificate:
        """The CA's own certificate, read from its octets (once)."""
        return Certificate.from_der(bytes(self.der))

    @property
    def version(self) -> IsoVersion:
        """The generation of ISO 15118 whose curve the CA's key is on."""
        return next(version for version in IsoVersion if version.curve.name == self.key.curve)


class RevocationReason(models.TextChoices):
    """Why a certificate was revoked, as RFC 5280 5.3.1 names it."""

    UNSPECIFIED = "unspecified", "Unspecified"
    KEY_COMPROMISE = "keyCompromise", "The private key may be known to others"
    CA_COMPROMISE = "cACompromise", "The private key of the CA may be known to others"
    AFFILIATION_CHANGED = "affiliationChanged", "The subject's name or organisation changed"
    SUPERSEDED = "superseded", "Replaced by another certificate"
    CESSATION = "cessationOfOperation", "No longer needed"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn", "The right to it was withdrawn"


_NEVER_GOOD: Final = Q(state__in=["revoked", "abandoned"])


class IssuedQuerySet(models.QuerySet["IssuedCertificate"]):
    """Chainable conditions; times are passed in."""

    def good(self, at: datetime) -> Self:
        """Issued, not revoked, and valid at the instant."""
        return self.filter(
            state=IssuedCertificate.State.ISSUED, not_before__lte=at, not_after__gte=at
        )

    def never_good_again(self) -> Self:
        """What a CRL lists: revoked, or abandoned although it may have been signed."""
        return self.filter(_NEVER_GOOD)

    def open_since(self, before: datetime) -> Self:
        """Intents committed before the instant that nobody stored or settled."""
        return self.filter(state=IssuedCertificate.State.INTENDED, intended_at__lt=before)

    def unkept_since(self, before: datetime) -> Self:
        """Issued for what nobody stored, by an intent from before the instant."""
        issued = IssuedCertificate.State.ISSUED
        return self.filter(state=issued, provisional=True, intended_at__lt=before)


class IssuedCertificate(models.Model):
    """One certificate of ours, from the intent to its end.

    The row is committed as INTENDED before anything is signed, so a crash between any two steps
    leaves a trace. It is the status of the certificate: nobody asks our own CAs over HTTP.
    `provisional`: it was issued for something that is stored afterwards (contract data, whose key
    exists nowhere else), and that was not stored yet. `once` names the form that it was ordered
    with, so that pressing twice orders once.

    Every enrolment writes each index twice, for the intent and for what came of it: those that few
    rows need have a condition.
    """

    class State(models.TextChoices):
        INTENDED = "intended", _("Ordered")
        ISSUED = "issued", _("Issued")
        REVOKED = "revoked", _("Revoked")
        ABANDONED = "abandoned", _("Abandoned")

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="issued", db_index=False)
    serial = models.BinaryField(max_length=20)
    profile = models.CharField(max_length=40)
    common_name = models.CharField(max_length=64)
    owner = models.ForeignKey(Organization, models.PROTECT, null=True, db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.INTENDED)
    der = models.BinaryField(max_length=2000, null=True)
    fingerprint = models.BinaryField(max_length=32, null=True, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    intended_at = models.DateTimeField(auto_now_add=True)
    provisional = models.BooleanField(default=False)
    once = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, choices=RevocationReason, blank=True)

    objects = IssuedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["serial", "authority"], name="issued_serial_once"),
            models.UniqueConstraint(
                fields=["once"], condition=Q(once__isnull=False), name="issued_ordered_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["common_name", "state"],
                opclasses=["varchar_pattern_ops", "varchar_ops"],
                name="issued_common_name",
            ),
            models.Index(fields=["owner", "state", "-id"], name="issued_owner"),
            models.Index(fields=["profile", "owner", "-id"], name="issued_profile"),
            models.Index(
                fields=["owner", "profile", "not_after"],
                name="issued_ending",
                condition=Q(state="issued"),
            ),
            models.Index(
                fields=["authority", "not_after"], name="issued_never_good", condition=_NEVER_GOOD
            ),
            models.Index(fields=["not_after"], name="issued_not_after"),
            models.Index(
                fields=["intended_at"],
                name="issued_open",
                condition=Q(state="intended"),
            ),
            models.Index(
                fields=["intended_at"],
                name="issued_unkept",
                condition=Q(state="issued", provisional=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.common_name}"

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate, read from its octets (once); ValueError before it was signed."""
        if self.der is None:
            raise ValueError("The certificate was not signed yet")
        return Certificate.from_der(bytes(self.der))
