"""generate: what a vehicle gets of the V2G MO CA, and how long it is valid."""

import pytest

from tests.factories import contracts

pytestmark = pytest.mark.django_db


def test_a_vehicle_opens_the_key_of_generated_contract_data():
    world = contracts.world()
    world.generate()
    served = world.car.install(contracts.cpo_actor())
    certificate, _ = world.car.accept(served.exi)
    assert certificate.common_name == str(world.emaid)
