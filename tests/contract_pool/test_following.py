"""The pool follows what it stands on: vehicles, their keys, certificates."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool import selectors, services, tasks
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.services import following
from apps.events.models import OutboxEvent
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.provisioning_pool import services as pcp
from tests.factories import contracts, pki, trust

pytestmark = pytest.mark.django_db


def _revoke(fingerprint: bytes) -> None:
    row = IssuedCertificate.objects.get(fingerprint=fingerprint)
    pki_services.revoke(
        actor=trust.operator_person(),
        certificates=[row],
        reason=RevocationReason.KEY_COMPROMISE,
    )


def _republish(world: contracts.World, key: ec.EllipticCurvePrivateKey) -> trust.Vehicle:
    leaf = pki.make_leaf(world.oem.pki, str(world.vehicle.pcid), key=key)
    row = pcp.publish(
        actor=trust.oem_actor(world.vehicle.owner), chain=trust.chain_of(leaf, world.oem.pki)
    )
    return trust.Vehicle(row, key, world.oem.pki.chain(leaf), world.vehicle.owner)


def test_a_withdrawn_vehicle_takes_its_contracts_along() -> None:
    world = contracts.world()
    world.generate()
    world.generate(emaid=world.mo.emaid())
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    kept = world.generate(pcid=other.pcid, emaid=world.mo.emaid())
    pcp.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    assert list(Contract.objects.running()) == [kept]
    assert ContractData.objects.get().contract == kept
    states = IssuedCertificate.objects.filter(profile="contract").order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["revoked", "revoked", "issued"]


def test_each_contract_of_a_withdrawn_vehicle_is_told_to_its_mo() -> None:
    world = contracts.world()
    world.generate()
    pcp.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    event = OutboxEvent.objects.get(kind="mo.prov.cert.deleted")
    assert event.organization == world.mo.organization
    assert event.payload == {"emaid": str(world.emaid), "pcid": str(world.vehicle.pcid)}


def test_a_new_key_of_the_vehicle_ends_its_contracts() -> None:
    world = contracts.world()
    world.generate()
    vehicle = _republish(world, ec.generate_private_key(ec.SECP256R1()))
    assert not Contract.objects.running().exists()
    event = OutboxEvent.objects.get(kind="mo.prov.cert.updated")
    assert event.organization == world.mo.organization
    world.generate()
    car = contracts.Car(vehicle, [world.v2g.root.certificate])
    car.accept(car.install(contracts.cpo_actor()).exi)


def test_a_new_key_is_told_once_for_each_emaid() -> None:
    world = contracts.world()
    emaids = {world.emaid, world.mo.emaid()}
    for emaid in emaids:
        world.generate(emaid=emaid)
    _republish(world, ec.generate_private_key(ec.SECP256R1()))
    events = OutboxEvent.objects.filter(kind="mo.prov.cert.updated")
    assert sorted(event.payload["emaid"] for event in events) == sorted(map(str, emaids))


def test_the_contracts_of_a_previous_pcid_leave_and_their_mos_are_told() -> None:
    world = contracts.world()
    world.generate()
    trust.published_vehicle(
        oem=world.oem, owner=world.vehicle.owner, previous_pcid=world.vehicle.pcid
    )
    assert not Contract.objects.running().exists()
    assert IssuedCertificate.objects.get(profile="contract").state == "revoked"
    event = OutboxEvent.objects.get(kind="mo.prov.cert.deleted")
    assert event.organization == world.mo.organization
    assert event.payload == {"emaid": str(world.emaid), "pcid": str(world.vehicle.pcid)}


def test_a_new_certificate_with_the_same_key_leaves_the_contracts() -> None:
    world = contracts.world()
    world.generate()
    before = OutboxEvent.objects.count()
    vehicle = _republish(world, world.vehicle.key)
    assert OutboxEvent.objects.count() == before
    assert IssuedCertificate.objects.get(profile="contract").state == "issued"
    car = contracts.Car(vehicle, [world.v2g.root.certificate])
    car.accept(car.install(contracts.cpo_actor()).exi)
    with pytest.raises(services.NotServed):
        world.car.install(contracts.cpo_actor())


def test_a_revoked_contract_certificate_ends_its_contract() -> None:
    world = contracts.world()
    world.generate()
    kept = world.generate(emaid=world.mo.emaid())
    data = ContractData.objects.get(contract__emaid_key=world.emaid.key)
    _revoke(bytes(data.certificate_fingerprint))
    assert list(Contract.objects.running()) == [kept]
    assert Contract.objects.get(emaid_key=world.emaid.key).end_reason == "certificate_revoked"
    assert OutboxEvent.objects.filter(kind="oem.contract.deleted").count() == 1


def test_a_revoked_certificate_that_was_replaced_changes_nothing() -> None:
    world = contracts.world()
    world.generate()
    old = bytes(ContractData.objects.get().certificate_fingerprint)
    world.generate()
    _revoke(old)
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def messages(sent: list[partial[None]]) -> list[tuple[Any, ...]]:
    """The messages of this pool among what would be sent on commit."""
    return [call.args for call in sent if call.args[:1] == (tasks.WITHDRAW_BELOW,)]


def test_a_revoked_mo_authority_ends_all_its_contracts_in_the_background(
    django_capture_on_commit_callbacks: Any,
) -> None:
    world = contracts.world()
    world.generate()
    world.generate(emaid=world.mo.emaid())
    mo = contracts.mo(own_pki=True)
    replace(world, mo=mo, emaid=mo.emaid()).sign()
    kept = Contract.objects.get(mo=mo.organization)
    assert not selectors.revoked_sub_cas().exists()
    with django_capture_on_commit_callbacks() as sent:
        _revoke(world.v2g.sub2[contracts.Purpose.MO].certificate.fingerprint)
    ((_, (sub_ca_id,)),) = messages(sent)
    with pytest.raises(services.NotServed):
        world.car.install(contracts.cpo_actor())
    # Had the message been lost, the sweep would find the same sub-CA.
    with django_capture_on_commit_callbacks() as sent:
        tasks.sweep_revoked()
    assert messages(sent) == [(tasks.WITHDRAW_BELOW, (sub_ca_id,))]
    with django_capture_on_commit_callbacks() as sent:
        tasks.withdraw_below(sub_ca_id)
    assert messages(sent) == [(tasks.WITHDRAW_BELOW, (sub_ca_id,))]
    assert list(Contract.objects.running()) == [kept]
    assert OutboxEvent.objects.filter(kind="oem.contract.deleted").count() == 2
    with django_capture_on_commit_callbacks() as sent:
        tasks.withdraw_below(sub_ca_id)
    assert messages(sent) == []
    assert not selectors.revoked_sub_cas().exists()


def test_contracts_below_an_authority_end_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    world = contracts.world()
    for _ in range(3):
        world.generate(emaid=world.mo.emaid())
    _revoke(world.v2g.sub1[contracts.Purpose.MO].certificate.fingerprint)
    (sub_ca,) = selectors.revoked_sub_cas()
    assert [services.withdraw_below(sub_ca_id=sub_ca.pk) for _ in range(3)] == [2, 1, 0]
    assert not Contract.objects.running().exists()


def test_what_a_revoked_cps_certificate_signed_is_not_handed_out_but_stays() -> None:
    world = contracts.world()
    world.generate()
    _revoke(bytes(world.signer.fingerprint))
    with pytest.raises(services.NotServed):
        world.car.install(contracts.cpo_actor())
    assert Contract.objects.running().count() == ContractData.objects.count() == 1
