"""The pool follows the PKI below it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from apps.core import queue
from apps.core.actor import system
from apps.pki import dependants as of_certificates
from apps.pki import signals as pki
from apps.pki.models import IssuedCertificate, SubCa
from apps.provisioning_pool import services
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.tasks import WITHDRAW_BELOW
from apps.root_pool import dependants as of_roots
from apps.root_pool.models import RootCertificate
from v2g.pki.profiles import OEM_LEAF

FOLLOWER = system("provisioning_pool.follow")


def connect() -> None:
    """Listen to the apps below; called once, when all models are loaded."""
    pki.revoking.connect(name_locks, dispatch_uid="provisioning_pool.name_locks")
    pki.revoked.connect(follow_revoked, dispatch_uid="provisioning_pool.follow_revoked")
    of_roots.register("vehicles", _below)
    of_roots.register_of_sub_ca("vehicles", _below_sub_ca)
    of_certificates.register("vehicles", _with_certificate)


def name_locks(*, certificates: Sequence[IssuedCertificate], **_: Any) -> set[str]:
    """The PCIDs of the certificates: their vehicles leave, or are being published just now."""
    vehicles = (one for one in certificates if one.profile == OEM_LEAF.name)
    return {f"pcid:{one.common_name.upper()}" for one in vehicles}


def follow_revoked(*, fingerprints: Sequence[bytes], **_: Any) -> None:
    """Withdraw vehicles whose certificate was revoked; below a revoked sub-CA in the background."""
    revoked = ProvisioningCertificate.objects.filter(fingerprint__in=fingerprints)
    pcids = list(revoked.values_list("pcid", flat=True))
    if pcids:
        services.withdraw_many(actor=FOLLOWER, pcids=pcids, reason="revoked")
    for sub_ca in SubCa.objects.filter(fingerprint__in=fingerprints):
        queue.enqueue(WITHDRAW_BELOW, sub_ca.pk)


def _below(root: RootCertificate) -> QuerySet[ProvisioningCertificate]:
    return ProvisioningCertificate.objects.filter(root=root)


def _below_sub_ca(sub_ca: SubCa) -> QuerySet[ProvisioningCertificate]:
    return ProvisioningCertificate.objects.below(sub_ca.pk)


def _with_certificate(issued: IssuedCertificate) -> QuerySet[ProvisioningCertificate]:
    return ProvisioningCertificate.objects.with_certificate(bytes(issued.fingerprint or b""))
