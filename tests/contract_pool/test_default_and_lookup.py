"""Choosing the default contract, and looking contracts up."""

import pytest

from apps.contract_pool import selectors, services
from apps.contract_pool.models import Contract
from apps.core.errors import Forbidden, NotFound
from tests.factories import contracts, parties, trust
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db
ISO_2 = IsoVersion.ISO_2


def test_the_first_contract_of_a_vehicle_is_its_default() -> None:
    world = contracts.world()
    assert world.generate().is_default
    assert not world.generate(emaid=world.mo.emaid()).is_default


def test_an_update_keeps_the_default_flag() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    assert world.generate().is_default
    assert not world.generate(emaid=other).is_default


def test_the_owner_chooses_another_default() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    services.set_default(
        actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid, emaid=other
    )
    assert Contract.objects.get(is_default=True).emaid_key == other.key
    certificate, _ = world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    assert certificate.common_name == str(other)


def test_a_contract_of_another_vehicle_cannot_be_the_default() -> None:
    world = contracts.world()
    world.generate()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(NotFound):
        services.set_default(
            actor=trust.oem_actor(world.vehicle.owner), pcid=other.pcid, emaid=world.emaid
        )


def test_an_mo_chooses_no_default() -> None:
    world = contracts.world()
    world.generate()
    with pytest.raises(Forbidden):
        services.set_default(actor=world.mo.actor, pcid=world.vehicle.pcid, emaid=world.emaid)


def test_mo_and_oem_find_the_contract() -> None:
    world = contracts.world()
    world.generate(meta_data="m", subscription_url="https://mo.example/s")
    for viewer in (world.mo.actor, trust.oem_actor(world.vehicle.owner)):
        found = selectors.lookup_contract(viewer=viewer, emaid=world.emaid, version=ISO_2)
        (view,) = found
        assert (view.emaid, view.pcid) == (str(world.emaid), str(world.vehicle.pcid))
        assert view.is_default
        assert view.meta_data == "m"
        assert view.subscription_url == "https://mo.example/s"
        installed = world.car.install(contracts.cpo_actor())
        assert view.certificate == world.car.accept(installed.exi)[0].der


def test_others_do_not_find_it() -> None:
    world = contracts.world()
    world.generate()
    for viewer in (
        contracts.mo().actor,
        parties.actor(organization=parties.organization(wmis=["ZZZ"])),
        contracts.cpo_actor(),
    ):
        with pytest.raises(Forbidden):
            selectors.lookup_contract(viewer=viewer, emaid=world.emaid, version=ISO_2)


def test_an_ended_contract_is_not_found() -> None:
    world = contracts.world()
    world.generate()
    services.end(actor=world.mo.actor, emaid=world.emaid)
    with pytest.raises(NotFound):
        selectors.lookup_contract(viewer=world.mo.actor, emaid=world.emaid, version=ISO_2)


def test_the_owner_sees_all_running_contracts_of_a_vehicle() -> None:
    world = contracts.world()
    owner = trust.oem_actor(world.vehicle.owner)
    pcid = world.vehicle.pcid
    assert selectors.contracts_of_vehicle(viewer=owner, pcid=pcid, version=ISO_2) == []
    emaids = [world.emaid, world.mo.emaid(), world.mo.emaid()]
    for emaid in emaids:
        world.generate(emaid=emaid)
    services.end(actor=world.mo.actor, emaid=emaids[1])
    decoy = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    world.generate(pcid=decoy.pcid, emaid=world.mo.emaid())
    found = selectors.contracts_of_vehicle(viewer=owner, pcid=pcid, version=ISO_2)
    assert {view.emaid for view in found} == {str(emaids[0]), str(emaids[2])}


def test_contracts_of_an_unknown_vehicle_are_not_found() -> None:
    world = contracts.world()
    unknown = type(world.vehicle.pcid)(trust.pcid())
    with pytest.raises(NotFound):
        selectors.contracts_of_vehicle(
            viewer=trust.oem_actor(world.vehicle.owner), pcid=unknown, version=ISO_2
        )
