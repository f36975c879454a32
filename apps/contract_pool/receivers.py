"""The pool follows the PCP and the PKI."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from apps.contract_pool import services
from apps.contract_pool.tasks import WITHDRAW_BELOW
from apps.core import queue
from apps.core.actor import Actor
from apps.pki.models import IssuedCertificate
from apps.pki.signals import revoked, revoking
from apps.provisioning_pool.signals import factory_reset, rekeyed, withdrawn


@receiver(withdrawn)
def follow_withdrawn(*, actor: Actor, pcids: Sequence[str], reason: str, **_: Any) -> int:
    return services.withdraw_vehicles(actor=actor, pcids=pcids, reason=reason)


@receiver(rekeyed)
def follow_rekeyed(*, actor: Actor, pcids: Sequence[str], **_: Any) -> None:
    services.rekey_vehicles(actor=actor, pcids=pcids)


@receiver(factory_reset)
def follow_factory_reset(*, actor: Actor, pcids: Sequence[str], **_: Any) -> None:
    services.reset_vehicles(actor=actor, pcids=pcids)


@receiver(revoking)
def name_locks(*, certificates: Sequence[IssuedCertificate], **_: Any) -> set[str]:
    return services.locks_of(certificates)


@receiver(revoked)
def follow_revoked(*, fingerprints: Sequence[bytes], **_: Any) -> None:
    for sub_ca_id in services.withdraw_certificates(fingerprints=fingerprints):
        queue.enqueue(WITHDRAW_BELOW, sub_ca_id)
