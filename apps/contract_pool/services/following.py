"""What the pool does when something below it goes: a vehicle, its key, a certificate."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.contract_pool import telling
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.models.contracts import ContractDataQuerySet
from apps.contract_pool.services import leaving
from apps.core import locks
from apps.core.actor import Actor, system
from apps.pki.models import IssuedCertificate, SubCa
from v2g.pki.profiles import CONTRACT_LEAF

BATCH = 500


def withdraw_vehicles(*, actor: Actor, pcids: Sequence[str], reason: str) -> int:
    """Vehicles left the PCP: their contracts leave too, and each MO learns it per EMAID.

    Return how many contracts left.
    """
    left = _leave_with_vehicles(actor, pcids, reason=f"vehicle_{reason}")
    for contract in left:
        telling.mo_vehicle_deleted(contract)
    return len(left)


def rekey_vehicles(*, actor: Actor, pcids: Sequence[str]) -> None:
    """Vehicles have a new key: nothing sealed for the old one can be opened any more."""
    for contract in _leave_with_vehicles(actor, pcids, reason="vehicle_rekeyed"):
        telling.mo_vehicle_updated(contract)


def reset_vehicles(*, actor: Actor, pcids: Sequence[str]) -> None:
    """Vehicles were reset to factory state: they hold no contract certificate any more."""
    for contract in _leave_with_vehicles(actor, pcids, reason="vehicle_reset"):
        telling.mo_vehicle_reset(contract)


def withdraw_certificates(*, fingerprints: Sequence[bytes]) -> list[int]:
    """Certificates were revoked: what a vehicle would refuse is not handed out any more.

    A contract whose certificate is among them leaves the pool; its PCID is held (`locks_of`). What
    hangs on a sub-CA among them is not served from now on and leaves in batches, by
    `withdraw_below` for each of the returned rows of SubCa. Idempotent: ending a contract revokes
    and comes back here.
    """
    withdraw_signed_by(fingerprints=fingerprints)
    sub_cas = list(SubCa.objects.filter(fingerprint__in=fingerprints).values_list("pk", flat=True))
    with transaction.atomic():
        now = timezone.now()
        for start in range(0, len(fingerprints), BATCH):
            part = fingerprints[start : start + BATCH]
            _leave_revoked(Contract.objects.running().with_certificates(part), now)
        for sub_ca_id in sub_cas:
            _serve_no_more(ContractData.objects.below(sub_ca_id), now)
    return sub_cas


def locks_of(certificates: Iterable[IssuedCertificate]) -> set[str]:
    """Name the locks under which contracts leave when these certificates are revoked.

    Only contract certificates, each of one EMAID: sub-CAs take contracts along in batches that
    hold their own, and what a signer signed stays.
    """
    named = [one.common_name for one in certificates if one.profile == CONTRACT_LEAF.name]
    keys = {name[:14] for name in named}
    running = Contract.objects.running().filter(emaid_key__in=keys)
    pcids = running.values_list("pcid", flat=True)
    return {f"emaid:{key}" for key in keys} | {f"pcid:{pcid}" for pcid in pcids}


def withdraw_below(*, sub_ca_id: int) -> int:
    """End at most 500 contracts below a revoked sub-CA; return how many, 0 at the end."""
    below = Contract.objects.running().below(sub_ca_id).order_by("pk")
    found = list(below.values_list("pk", "pcid")[:BATCH])
    with transaction.atomic():
        locks.hold_all(f"pcid:{pcid}" for _, pcid in found)
        still = Contract.objects.running().below(sub_ca_id)
        _leave_revoked(still.filter(pk__in=[pk for pk, _ in found]), timezone.now())
    return len(found)


def withdraw_signed_by(*, fingerprints: Sequence[bytes]) -> None:
    """Serve no more what these CPS certificates signed.

    The data stays in the pool: it can be signed anew, for which nobody needs the contract key.
    """
    now = timezone.now()
    for start in range(0, len(fingerprints), BATCH):
        part = fingerprints[start : start + BATCH]
        _serve_no_more(ContractData.objects.of_signers(part), now)


def _serve_no_more(data: ContractDataQuerySet, now: datetime) -> None:
    data.filter(valid_until__gt=now).update(valid_until=now)


def _leave_revoked(contracts: Iterable[Contract], now: datetime) -> None:
    actor = system("contract_pool.certificate_revoked")
    left = leaving.leave(actor=actor, contracts=contracts, reason="certificate_revoked", now=now)
    leaving.tell_owners(left)


def _leave_with_vehicles(actor: Actor, pcids: Sequence[str], *, reason: str) -> list[Contract]:
    left: list[Contract] = []
    with transaction.atomic():
        now = timezone.now()
        for start in range(0, len(pcids), BATCH):
            contracts = Contract.objects.running().of_vehicles(pcids[start : start + BATCH])
            left += leaving.leave(actor=actor, contracts=contracts, reason=reason, now=now)
        leaving.revoke_own(actor=actor, contracts=left, now=now)
    return left
