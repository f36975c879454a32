"""A contract between an MO and the user of a vehicle, and the data that the vehicle installs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from apps.participants.models import Organization
from apps.pki.models import SubCa
from apps.root_pool.models import RootCertificate

_TO_RENEW: Final = Q(state="running", successor_by__isnull=False)


class ContractQuerySet(models.QuerySet["Contract"]):
    """Chainable conditions."""

    def running(self) -> Self:
        """Not ended."""
        return self.filter(state=Contract.State.RUNNING)

    def of_vehicles(self, pcids: Sequence[str]) -> Self:
        """Bound to one of these PCIDs."""
        return self.filter(pcid__in=pcids)

    def with_certificates(self, fingerprints: Sequence[bytes]) -> Self:
        """Whose contract certificate is one of these."""
        data = ContractData.objects.filter(certificate_fingerprint__in=fingerprints)
        return self.filter(pk__in=data.values("contract_id"))

    def to_renew(self) -> Self:
        """Running, with a certificate that ends before the contract does."""
        return self.running().filter(successor_by__isnull=False)

    def below(self, sub_ca_id: int) -> Self:
        """Whose contract certificate hangs on this sub-CA."""
        return self.filter(pk__in=ContractData.objects.below(sub_ca_id).values("contract_id"))

    def below_root(self, root_id: int) -> Self:
        """Whose contract certificate, or data for vehicles, hangs on this root."""
        data = ContractData.objects.filter(Q(root=root_id) | Q(contract_root=root_id))
        return self.filter(pk__in=data.values("contract_id"))


class Contract(models.Model):
    """One EMAID bound to one PCID. It is keyed on the first 14 characters of the EMAID.

    `emaid` keeps the form that stands in the certificate (14 or 15 characters, no separators).
    At most one running contract per key, at most one default per PCID.

    What is due is found by three columns that every writer of contract data keeps (`renewal.note`):
    `successor_by` is when the contract certificate ends, empty where none has to follow;
    `made_by_us` says whether our MO CA issued it; `renewal_asked_at` is when a successor was last
    asked for, empty again once there is one.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    emaid_key = models.CharField(max_length=14)
    emaid = models.CharField("EMAID", max_length=15)
    pcid = models.CharField("PCID", max_length=18)
    mo = models.ForeignKey(Organization, models.PROTECT, related_name="contracts", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    is_default = models.BooleanField(default=False)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    subscription_url = models.URLField(max_length=500, blank=True)
    meta_data = models.CharField(max_length=2000, blank=True)
    concluded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=60, blank=True)
    successor_by = models.DateTimeField(null=True)
    # Known to the database too: the release before this one does not write it.
    made_by_us = models.BooleanField(default=True, db_default=True)
    renewal_asked_at = models.DateTimeField(null=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emaid_key"], condition=Q(state="running"), name="emaid_runs_once"
            ),
            models.UniqueConstraint(
                fields=["pcid"],
                condition=Q(state="running", is_default=True),
                name="one_default_per_pcid",
            ),
        ]
        indexes = [
            models.Index(fields=["pcid"], opclasses=["varchar_pattern_ops"], name="ccp_pcid"),
            models.Index(fields=["emaid"], opclasses=["varchar_pattern_ops"], name="ccp_emaid"),
            models.Index(fields=["mo", "state", "-id"], name="ccp_mo"),
            models.Index(fields=["ends", "id"], condition=Q(state="running"), name="ccp_ends"),
            BrinIndex(fields=["concluded_at"], name="ccp_concluded"),
            models.Index(
                fields=["mo", "successor_by", "id"],
                condition=_TO_RENEW & Q(renewal_asked_at__isnull=True),
                name="ccp_to_ask",
            ),
            models.Index(
                fields=["mo", "made_by_us", "successor_by", "id"],
                condition=_TO_RENEW & Q(renewal_asked_at__isnull=False),
                name="ccp_asked",
            ),
            models.Index(
                fields=["successor_by", "id"],
                condition=_TO_RENEW & (Q(made_by_us=False) | Q(renewal_asked_at__isnull=False)),
                name="ccp_to_warn",
            ),
        ]

    def __str__(self) -> str:
        return self.emaid


class ContractDataQuerySet(models.QuerySet["ContractData"]):
    """Chainable conditions; times are passed in."""

    def of_signers(self, fingerprints: Sequence[bytes]) -> Self:
        """Signed with one of these CPS certificates."""
        return self.filter(signer_fingerprint__in=fingerprints)

    def below(self, sub_ca_id: int | OuterRef) -> Self:
        """Whose contract certificate hangs on this sub-CA."""
        return self.filter(Q(contract_sub_ca2=sub_ca_id) | Q(contract_sub_ca1=sub_ca_id))

    def current(self, now: datetime) -> Self:
        """Every certificate inside is valid at the instant."""
        return self.filter(valid_from__lte=now, valid_until__gte=now)


class ContractData(models.Model):
    """Contract data signed by a CPS, ready for the vehicle: one per contract and V2G root.

    `exi` is the whole CertificateInstallationRes with a SessionID of one zero byte; the
    SessionID is not covered by the signature and is spliced in for each request. `valid_from`
    and `valid_until` bound the time in which every certificate inside is valid, so the hot path
    compares two dates instead of parsing six certificates.
    """

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="data", db_index=False)
    namespace = models.CharField(max_length=60)
    root = models.ForeignKey(RootCertificate, models.PROTECT, related_name="contract_data")
    exi = models.BinaryField(max_length=16_000)
    certificate_fingerprint = models.BinaryField(max_length=32)
    certificate_issuer = models.BinaryField(max_length=32)
    certificate_serial = models.BinaryField(max_length=20)
    certificate_not_before = models.DateTimeField()
    certificate_not_after = models.DateTimeField()
    contract_sub_ca2 = models.ForeignKey(SubCa, models.PROTECT, null=True, related_name="+")
    contract_sub_ca1 = models.ForeignKey(SubCa, models.PROTECT, related_name="+")
    contract_root = models.ForeignKey(RootCertificate, models.PROTECT, related_name="+")
    signer_fingerprint = models.BinaryField(max_length=32)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    checks = models.JSONField(default=dict)
    stored_at = models.DateTimeField()

    objects = ContractDataQuerySet.as_manager()

    class Meta:
        verbose_name = "contract data"
        verbose_name_plural = "contract data"
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "namespace", "root"], name="data_once_per_root"
            ),
        ]
        indexes = [
            models.Index(fields=["certificate_fingerprint"], name="ccp_certificate"),
            models.Index(fields=["valid_until", "id"], name="ccp_valid_until"),
            models.Index(fields=["signer_fingerprint", "id"], name="ccp_signer"),
            models.Index(fields=["certificate_not_after", "id"], name="ccp_certificate_ends"),
            models.Index(fields=["certificate_serial"], name="ccp_certificate_serial"),
        ]

    def __str__(self) -> str:
        return f"data of contract {self.contract_id}"
