"""Ends from above and revocations from below at once: both get through, whatever the order.

Ending begins with the vehicle and goes down to the certificate, revoking begins with the
certificate and goes up. PostgreSQL breaks a circle of waiting by failing one of the two, after a
second; `races.outcomes` lets that error through.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Actor
from apps.events.models import OutboxEvent
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.provisioning_pool import services as pcp
from tests.factories import contracts, trust
from tests.factories.races import outcomes
from v2g.ids import Emaid

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROUNDS = 15


def ending(world: contracts.World, emaid: Emaid) -> Callable[[], object]:
    return lambda: services.end(actor=world.mo.actor, emaid=emaid)


def revoking(actor: Actor, *rows: IssuedCertificate) -> Callable[[], object]:
    fingerprints = [bytes(row.fingerprint or b"") for row in rows]
    return lambda: pki_services.revoke_by_fingerprint(
        actor=actor, fingerprints=fingerprints, reason=RevocationReason.KEY_COMPROMISE
    )


def issued_for(*emaids: Emaid) -> list[IssuedCertificate]:
    names = [str(emaid) for emaid in emaids]
    return list(IssuedCertificate.objects.filter(common_name__in=names).order_by("pk"))


def deletions(emaid: Emaid) -> int:
    events = OutboxEvent.objects.filter(kind="oem.contract.deleted")
    return sum(event.payload["emaid"] == str(emaid) for event in events)


def test_a_contract_is_ended_while_its_certificate_is_revoked() -> None:
    world = contracts.world()
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        emaid = world.mo.emaid()
        world.generate(emaid=emaid)
        world.generate(emaid=emaid)
        seen += outcomes([ending(world, emaid), revoking(world.mo.actor, *issued_for(emaid))])
        assert {row.state for row in issued_for(emaid)} == {"revoked"}
        assert deletions(emaid) == 1
    assert set(seen) <= {"done", "contract_not_found"}
    assert seen["done"] >= ROUNDS
    assert not Contract.objects.running().exists()
    assert not ContractData.objects.exists()


def test_a_vehicle_is_withdrawn_while_its_contract_certificates_are_revoked() -> None:
    world = contracts.world()
    actor = trust.oem_actor(world.vehicle.owner)
    for _ in range(ROUNDS):
        vehicle = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
        emaids = [world.mo.emaid() for _ in range(3)]
        for emaid in emaids:
            world.generate(pcid=vehicle.pcid, emaid=emaid)
        calls: list[Callable[[], object]] = [
            lambda pcid=vehicle.pcid: pcp.withdraw(actor=actor, pcid=pcid),  # type: ignore[misc]  # bound
            revoking(world.mo.actor, *issued_for(*emaids[::-1])),
            revoking(world.mo.actor, *issued_for(emaids[1])),
        ]
        assert outcomes(calls) == {"done": 3}
        assert {row.state for row in issued_for(*emaids)} == {"revoked"}
    assert not Contract.objects.running().exists()


def test_contract_data_is_generated_while_the_older_certificate_is_revoked() -> None:
    world = contracts.world()
    for _ in range(ROUNDS):
        emaid = world.mo.emaid()
        world.generate(emaid=emaid)
        older = issued_for(emaid)
        calls: list[Callable[[], object]] = [
            lambda emaid=emaid: world.generate(emaid=emaid),  # type: ignore[misc]  # bound
            revoking(world.mo.actor, *older),
        ]
        assert outcomes(calls) == {"done": 2}
        assert [row.state for row in issued_for(emaid)] == ["revoked", "issued"]
        assert Contract.objects.running().get(emaid_key=emaid.key).data.count() == 1


def test_a_contract_is_ended_while_the_authority_and_the_signer_are_revoked() -> None:
    first = contracts.world()
    for _ in range(4):
        made = trust.v2g_ecosystem(purposes=(contracts.Purpose.MO, contracts.Purpose.CPS))
        world = replace(first, v2g=made, signer=contracts.signer(made), emaid=first.mo.emaid())
        emaids = [world.emaid, *(world.mo.emaid() for _ in range(3))]
        for emaid in emaids:
            world.generate(emaid=emaid)
        authority = IssuedCertificate.objects.filter(profile="MO Sub2").latest("pk")
        signer = world.signer.certificate
        operator = trust.operator_person()
        mixed = revoking(operator, *issued_for(emaids[1]), authority, signer)
        assert outcomes([*(ending(world, emaid) for emaid in emaids[2:]), mixed]) == {"done": 3}
        served = ContractData.objects.filter(valid_until__gt=timezone.now())
        assert not served.exists()
