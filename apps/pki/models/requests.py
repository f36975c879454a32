"""Requests for certificates about which a person of the operator decides."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.participants.models import Organization
from apps.pki.models.authorities import IssuedCertificate
from v2g.protocol import IsoVersion

VERSIONS = [(version.namespace, version.value) for version in IsoVersion]


class RequestQuerySet(models.QuerySet["EnrolmentRequest"]):
    """Chainable conditions; times are passed in."""

    def open(self, at: datetime) -> Self:
        """Those that still wait: for a decision, or to be collected."""
        states = (EnrolmentRequest.State.PENDING, EnrolmentRequest.State.APPROVED)
        return self.filter(state__in=states, lapses_at__gt=at)

    def overdue(self, at: datetime) -> Self:
        """Those that nobody decided about, or collected, in time."""
        states = (EnrolmentRequest.State.PENDING, EnrolmentRequest.State.APPROVED)
        return self.filter(state__in=states, lapses_at__lte=at)


class EnrolmentRequest(models.Model):
    """One key that an organisation wants certified (RFC 7030 4.2.3).

    A request is known by owner, key, generation and kind: the same request sent again is the same
    row. `claimed_at` is set while one sender collects the certificate, so that two get one.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a decision")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        ISSUED = "issued", _("Issued")
        LAPSED = "lapsed", _("Lapsed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(Organization, models.PROTECT)
    requested_by = models.CharField(max_length=64)
    requested_by_label = models.CharField(max_length=150)
    profile = models.CharField(max_length=40)
    common_name = models.CharField(max_length=64)
    namespace = models.CharField(max_length=60, choices=VERSIONS)
    public_key_hash = models.BinaryField(max_length=32)
    is_renewal = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    requested_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by_label = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True)
    certificate = models.OneToOneField(
        IssuedCertificate, models.PROTECT, null=True, related_name="request"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "public_key_hash"], name="enrolment_request_of"),
            models.Index(
                fields=["lapses_at"],
                name="enrolment_request_open",
                condition=models.Q(state__in=["pending", "approved"]),
            ),
        ]

    def __str__(self) -> str:
        return self.common_name
