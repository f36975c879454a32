"""end: a contract is terminated, its certificates revoked first."""

from typing import Any

import pytest

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData
from apps.core.errors import Forbidden, Invalid, NotFound
from apps.events.models import OutboxEvent
from apps.pki.models import IssuedCertificate
from apps.pki.signals import revoked
from tests.factories import contracts

pytestmark = pytest.mark.django_db


def _contract_states(world: contracts.World) -> list[str]:
    rows = IssuedCertificate.objects.filter(common_name=str(world.emaid)).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_every_certificate_of_the_contract_is_revoked_also_replaced_ones() -> None:
    world = contracts.world()
    world.generate()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert _contract_states(world) == ["revoked", "revoked"]
    assert not ContractData.objects.exists()


def test_other_contracts_keep_their_certificates() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert IssuedCertificate.objects.get(common_name=str(other)).state == "issued"
    assert Contract.objects.running().get().emaid_key == other.key


def test_the_contract_stays_as_history_and_tells_why_it_ended() -> None:
    world = contracts.world()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    contract = Contract.objects.get()
    assert (contract.state, contract.end_reason, contract.is_default) == (
        "ended",
        "terminated",
        False,
    )
    assert contract.ended_at is not None


def test_the_owner_of_the_vehicle_is_told_once() -> None:
    world = contracts.world()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    event = OutboxEvent.objects.get(kind="oem.contract.deleted")
    assert event.organization == world.vehicle.owner
    assert event.payload == {"emaid": str(world.emaid), "pcid": str(world.vehicle.pcid)}


def test_after_the_default_left_no_other_contract_takes_its_place() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert not Contract.objects.filter(is_default=True).exists()
    with pytest.raises(services.NotServed):
        world.car.install(contracts.cpo_actor())


def test_an_ended_emaid_can_be_concluded_again() -> None:
    world = contracts.world()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert world.generate().is_default
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_certificates_of_an_own_ca_are_not_ours_to_revoke() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    assert not IssuedCertificate.objects.filter(state="revoked").exists()
    assert not ContractData.objects.exists()


def test_where_revoking_fails_the_data_stays() -> None:
    world = contracts.world()
    world.generate()

    def break_off(**_: object) -> None:
        raise ConnectionError("the database went away")

    revoked.connect(break_off)
    try:
        with pytest.raises(ConnectionError):
            services.end(actor=world.mo.actor, emaid=world.emaid)
    finally:
        revoked.disconnect(break_off)
    assert _contract_states(world) == ["issued"]
    assert ContractData.objects.count() == 1
    assert Contract.objects.running().get().is_default


def test_a_sandbox_may_skip_the_revocation() -> None:
    world = contracts.world()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid, skip_revocation=True)
    assert _contract_states(world) == ["issued"]


def test_outside_a_sandbox_nobody_skips_the_revocation(settings: Any) -> None:
    settings.SANDBOX = False
    world = contracts.world()
    world.generate()
    with pytest.raises(Invalid, match="X-Skip-Revocation"):
        services.end(actor=world.mo.actor, emaid=world.emaid, skip_revocation=True)
    assert Contract.objects.running().exists()


def test_an_unknown_emaid_is_not_found() -> None:
    world = contracts.world()
    with pytest.raises(NotFound, match=r"The contract for the given EMAID not found\."):
        services.end(actor=world.mo.actor, emaid=world.emaid)


def test_another_mo_may_not_end_it() -> None:
    world = contracts.world()
    world.generate()
    with pytest.raises(Forbidden):
        services.end(actor=contracts.mo().actor, emaid=world.emaid)
    assert Contract.objects.running().exists()
