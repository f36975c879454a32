"""POST /v1/ccp/signedContractData/{pcid}/{emaid}/default."""

import pytest

from apps.contract_pool.models import Contract
from tests.factories import contracts, parties
from tests.factories.calls import Caller

pytestmark = pytest.mark.django_db


def _path(world: contracts.World, emaid: object, name: str = "default") -> str:
    return f"/v1/ccp/signedContractData/{world.vehicle.pcid}/{emaid}/{name}"


@pytest.mark.parametrize("name", ["default", "priorities"])
def test_the_owner_chooses_the_default(name: str) -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    response = Caller(world.vehicle.owner).post(_path(world, other, name), {})
    assert (response.status_code, response.json()) == (200, {})
    assert Contract.objects.get(is_default=True).emaid_key == other.key


def test_an_unknown_contract_is_404() -> None:
    world = contracts.world()
    response = Caller(world.vehicle.owner).post(_path(world, world.emaid), {})
    assert response.status_code == 404


def test_bad_identifiers_are_400() -> None:
    world = contracts.world()
    assert Caller(world.vehicle.owner).post(_path(world, "DE"), {}).status_code == 400


def test_another_owner_and_the_mo_may_not() -> None:
    world = contracts.world()
    world.generate()
    for other in (parties.organization(wmis=["ZZZ"]), world.mo.organization):
        assert Caller(other).post(_path(world, world.emaid), {}).status_code == 403


def test_other_methods_are_not_allowed() -> None:
    world = contracts.world()
    assert Caller(world.vehicle.owner).get(_path(world, world.emaid)).status_code == 405
