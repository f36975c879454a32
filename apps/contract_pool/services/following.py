"""What the pool does when something below it goes: a vehicle, its key, a certificate."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from apps.contract_pool import telling
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.services import leaving
from apps.core.actor import Actor, system

BATCH = 500


def withdraw_vehicles(*, actor: Actor, pcids: Sequence[str], reason: str) -> None:
    """Vehicles left the PCP: their contracts leave too, and each MO learns it per EMAID."""
    for contract in _leave_with_vehicles(actor, pcids, reason=f"vehicle_{reason}"):
        telling.mo_vehicle_deleted(contract)


def rekey_vehicles(*, actor: Actor, pcids: Sequence[str]) -> None:
    """Vehicles have a new key: nothing sealed for the old one can be opened any more."""
    for contract in _leave_with_vehicles(actor, pcids, reason="vehicle_rekeyed"):
        telling.mo_vehicle_updated(contract)


def reset_vehicles(*, actor: Actor, pcids: Sequence[str]) -> None:
    """Vehicles were reset to factory state: they hold no contract certificate any more."""
    for contract in _leave_with_vehicles(actor, pcids, reason="vehicle_reset"):
        telling.mo_vehicle_reset(contract)


def withdraw_certificates(*, fingerprints: Sequence[bytes]) -> None:
    """Certificates were revoked: what a vehicle would refuse is not handed out any more.

    A contract whose certificate, or its sub-CA, is among them leaves the pool. Idempotent: ending
    a contract revokes and comes back here.
    """
    withdraw_signed_by(fingerprints=fingerprints)
    with transaction.atomic():
        now = timezone.now()
        for start in range(0, len(fingerprints), BATCH):
            part = fingerprints[start : start + BATCH]
            hit = Contract.objects.running().with_certificates(part)
            actor = system("contract_pool.certificate_revoked")
            reason = "certificate_revoked"
            leaving.tell_owners(leaving.leave(actor=actor, contracts=hit, reason=reason, now=now))


def withdraw_signed_by(*, fingerprints: Sequence[bytes]) -> None:
    """Serve no more what these CPS certificates signed.

    The data stays in the pool: it can be signed anew, for which nobody needs the contract key.
    """
    now = timezone.now()
    for start in range(0, len(fingerprints), BATCH):
        signed = ContractData.objects.of_signers(fingerprints[start : start + BATCH])
        signed.filter(valid_until__gt=now).update(valid_until=now)


def _leave_with_vehicles(actor: Actor, pcids: Sequence[str], *, reason: str) -> list[Contract]:
    left: list[Contract] = []
    with transaction.atomic():
        now = timezone.now()
        for start in range(0, len(pcids), BATCH):
            contracts = Contract.objects.running().of_vehicles(pcids[start : start + BATCH])
            left += leaving.leave(actor=actor, contracts=contracts, reason=reason, now=now)
        leaving.revoke_own(actor=actor, contracts=left, now=now)
    return left
