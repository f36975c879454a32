"""sign: contract data of an MO's own CA, signed by the CPS, stored when a vehicle is named."""

from dataclasses import replace
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract, ContractData
from apps.core.errors import Forbidden, Invalid
from apps.provisioning_service import services
from apps.root_pool import services as rcp
from tests.factories import contracts, pki, trust
from v2g import exi, xml
from v2g.messages import iso2
from v2g.pki.builder import Subject
from v2g.pki.profiles import CONTRACT_LEAF, Branch

pytestmark = pytest.mark.django_db


def _refusal(world: contracts.World, **changes: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        world.sign(**changes)
    assert not Contract.objects.exists()
    return refusal.value.code


def _exi(signed: services.Signed) -> bytes:
    return exi.encode(xml.read(signed.xml, iso2.V2GMessage))


def test_the_vehicle_accepts_what_is_handed_back() -> None:
    world = contracts.world(own_pki=True)
    signed = world.sign(pcid=None, meta_data="m")
    certificate, _ = world.car.accept(_exi(signed))
    assert certificate.common_name == signed.emaid == str(world.emaid)
    assert (signed.pcid, signed.meta_data) == (None, "m")


def test_without_a_vehicle_nothing_is_stored_but_the_signature_is_recorded() -> None:
    world = contracts.world(own_pki=True)
    world.sign(pcid=None)
    assert not Contract.objects.exists()
    event = AuditEvent.objects.get(action="provisioning_service.sign")
    assert event.target_id == world.emaid.key


def test_with_a_vehicle_it_is_stored_under_every_root() -> None:
    world = contracts.world(own_pki=True)
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    signed = world.sign()
    assert signed.pcid == str(world.vehicle.pcid)
    assert ContractData.objects.count() == 2
    for made in (world.v2g, second):
        car = contracts.Car(world.vehicle, [made.root.certificate])
        car.accept(car.install(contracts.cpo_actor()).exi)


def test_without_a_vehicle_the_newest_root_signs() -> None:
    world = contracts.world(own_pki=True)
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    signed = world.sign(pcid=None)
    assert signed.root == second.root.certificate


def test_the_named_root_signs() -> None:
    world = contracts.world(own_pki=True)
    contracts.signer(trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,)))
    signed = world.sign(pcid=None, root=world.v2g.root_row.uuid)
    assert signed.root == world.v2g.root.certificate


def test_a_root_without_a_signer_is_refused() -> None:
    world = contracts.world(own_pki=True)
    second = trust.v2g_ecosystem(purposes=())
    root = second.root.certificate.fingerprint
    assert _refusal(world, root=root) == "no_signer"


def test_an_mo_without_a_ca_of_its_own_may_not() -> None:
    world = contracts.world(own_pki=True)
    other = contracts.mo(own_pki=False)
    with pytest.raises(Forbidden) as refusal:
        world.sign(actor=other.actor)
    assert refusal.value.code == "own_pki"


def test_a_foreign_provider_id_is_refused() -> None:
    world = contracts.world(own_pki=True)
    with pytest.raises(Forbidden) as refusal:
        world.sign(actor=contracts.mo(own_pki=True).actor)
    assert refusal.value.code == "foreign_provider"


def test_an_emaid_that_is_not_the_cn_is_refused() -> None:
    world = contracts.world(own_pki=True)
    assert _refusal(world, emaid=world.mo.emaid()) == "emaid_differs"


def test_a_cn_that_is_no_emaid_is_refused() -> None:
    world = contracts.world(own_pki=True)
    leaf = contracts.contract_leaf(world.mo, world.emaid)
    assert world.mo.pki is not None
    draft = pki.draft_like(leaf, CONTRACT_LEAF, subject=Subject("nobody", "Test", "DE"))
    forged = pki.forge(draft, world.mo.pki.pki.sub2, world.mo.pki.pki.sub2.key)
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    assert _refusal(world, contract_data=replace(data, certificate=forged.der)) == "no_emaid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certificate": b"no certificate"}, "malformed"),
        ({"sub_ca1": b"\x30\x00"}, "malformed"),
        ({"encrypted_private_key": bytes(47)}, "envelope"),
        ({"encrypted_private_key": bytes(49)}, "envelope"),
        ({"dh_public_key": bytes(65)}, "envelope"),
        ({"dh_public_key": b"\x04" + b"\x01" * 64}, "envelope"),
        ({"dh_public_key": b"\x04" + bytes(132)}, "envelope"),
    ],
)
def test_broken_contract_data_is_refused(changes: dict[str, bytes], code: str) -> None:
    world = contracts.world(own_pki=True)
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    assert _refusal(world, contract_data=replace(data, **changes)) == code


def test_swapped_sub_cas_are_refused() -> None:
    world = contracts.world(own_pki=True)
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    assert data.sub_ca2 is not None
    swapped = replace(data, sub_ca1=data.sub_ca2, sub_ca2=data.sub_ca1)
    assert _refusal(world, contract_data=swapped) == "chain_out_of_order"


def test_a_chain_to_another_root_of_a_known_name_is_refused() -> None:
    world = contracts.world(own_pki=True)
    stranger = replace(world.mo, pki=trust.oem_pki(branch=Branch.MO, trusted=False))
    data = contracts.contract_data(stranger, world.vehicle, world.emaid)
    assert _refusal(world, contract_data=data) == "signature_invalid"


def test_a_chain_to_a_removed_root_is_refused() -> None:
    world = contracts.world(own_pki=True)
    assert world.mo.pki is not None
    root = rcp.ask_removal(actor=trust.operator_person(), root=world.mo.pki.root_row)
    rcp.confirm_removal(actor=trust.operator_person(), root=root)
    assert _refusal(world) == "unknown_root"


def test_a_certificate_of_a_vehicle_is_no_contract_certificate() -> None:
    world = contracts.world(own_pki=True)
    leaf = pki.make_leaf(world.oem.pki, str(world.vehicle.pcid))
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid, leaf=leaf)
    assert _refusal(world, contract_data=data) == "no_emaid"


def test_a_revoked_contract_certificate_is_refused() -> None:
    world = contracts.world(own_pki=True)
    assert world.mo.pki is not None
    leaf = contracts.contract_leaf(world.mo, world.emaid)
    trust.keep_crl(world.mo.pki.pki.sub2, revoked=[leaf.certificate])
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid, leaf=leaf)
    assert _refusal(world, contract_data=data) == "revoked"


def test_an_unknown_vehicle_is_refused() -> None:
    world = contracts.world(own_pki=True)
    unknown = replace(world.vehicle.pcid, text=trust.pcid())
    assert _refusal(world, pcid=unknown) == "vehicle_unknown"


def test_an_emaid_of_another_vehicle_is_refused() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(Invalid, match="Invalid Tupple"):
        world.sign(pcid=other.pcid)
    assert Contract.objects.get().pcid == str(world.vehicle.pcid)
