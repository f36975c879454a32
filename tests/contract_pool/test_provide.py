"""provide: what the backend of a car maker fetches for telematics."""

from datetime import timedelta

import pytest
import time_machine

from apps.contract_pool import services
from apps.contract_pool.models import ContractData, Delivery
from apps.core.errors import Forbidden, NotFound
from tests.factories import contracts, parties, trust
from v2g import exi
from v2g.ids import Pcid
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


def _provide(world: contracts.World, **changes: object) -> services.Installation:
    terms: dict[str, object] = {
        "actor": trust.oem_actor(world.vehicle.owner),
        "emaid": world.emaid,
        "pcid": world.vehicle.pcid,
        "session_id": b"\x00",
        "version": IsoVersion.ISO_2,
    }
    return services.provide(**(terms | changes))  # type: ignore[arg-type]  # terms of a test


@pytest.mark.parametrize("session_id", [b"\x00", bytes(range(8))])
def test_the_vehicle_accepts_what_was_provided_in_any_session(session_id: bytes) -> None:
    world = contracts.world()
    world.generate()
    provided = _provide(world, session_id=session_id)
    assert exi.decode(provided.exi).header.session_id == session_id
    world.car.accept(provided.exi)
    assert Delivery.objects.get().way == Delivery.Way.OEM


def test_a_contract_that_is_not_the_default_is_provided_too() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    certificate, _ = world.car.accept(_provide(world, emaid=other).exi)
    assert certificate.common_name == str(other)


def test_the_named_root_decides_where_there_are_several() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    world.generate()
    for made in (world.v2g, second):
        certificate = made.root.certificate
        for name in (certificate.fingerprint, made.root_row.uuid):
            provided = _provide(world, root=name)
            contracts.Car(world.vehicle, [certificate]).accept(provided.exi)


def test_without_a_name_it_is_a_root_that_the_vehicle_carries() -> None:
    world = contracts.world()
    root = world.v2g.root.certificate
    key_id = root.extensions.subject_key_id
    assert key_id is not None
    vehicle = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner, v2g_roots=[key_id])
    contracts.signer(trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,)))
    world.generate(pcid=vehicle.pcid)
    assert ContractData.objects.count() == 1
    provided = _provide(world, pcid=vehicle.pcid)
    assert provided.root_fingerprint == root.fingerprint


def test_an_unknown_root_is_refused() -> None:
    world = contracts.world()
    world.generate()
    with pytest.raises(NotFound, match="Root certificate with the given ID is not found"):
        _provide(world, root=bytes(32))
    assert Delivery.objects.get().reason == "root_unknown"


def test_a_contract_of_another_vehicle_is_not_found() -> None:
    world = contracts.world()
    world.generate()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(NotFound, match="The contract for the given EMAID not found"):
        _provide(world, pcid=other.pcid)


def test_what_expired_is_not_provided() -> None:
    world = contracts.world()
    world.generate(ends=trust.now() + timedelta(days=3))
    with (
        time_machine.travel(trust.now() + timedelta(days=4), tick=False),
        pytest.raises(NotFound),
    ):
        _provide(world)


def test_what_the_maker_of_an_own_ca_revoked_is_not_provided() -> None:
    world = contracts.world(own_pki=True)
    assert world.mo.pki is not None
    leaf = contracts.contract_leaf(world.mo, world.emaid)
    world.sign(
        contract_data=contracts.contract_data(world.mo, world.vehicle, world.emaid, leaf=leaf)
    )
    _provide(world)
    trust.keep_crl(world.mo.pki.pki.sub2, revoked=[leaf.certificate])
    with pytest.raises(NotFound):
        _provide(world)
    assert Delivery.objects.latest("pk").reason == "revoked"


def test_another_maker_gets_nothing() -> None:
    world = contracts.world()
    world.generate()
    other = parties.actor(organization=parties.organization(wmis=["ZZZ"]))
    with pytest.raises(Forbidden):
        _provide(world, actor=other)
    with pytest.raises(NotFound):
        _provide(world, actor=other, pcid=Pcid("ZZZ" + "0" * 14))
