"""Two workers at once: one EMAID stays one contract, whatever the order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from apps.contract_pool.models import Contract, ContractData
from apps.core.errors import DomainError
from apps.pki.models import IssuedCertificate
from apps.provisioning_service import services
from tests.factories import contracts, trust

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*calls: Any) -> list[Any]:
    barrier = Barrier(len(calls))

    def run(call: Any) -> Any:
        barrier.wait(timeout=20)
        try:
            return call()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _generate(world: contracts.World, vehicle: trust.Vehicle) -> Any:
    now = trust.now()
    return lambda: services.generate(
        actor=world.mo.actor,
        pcid=vehicle.pcid,
        emaid=world.emaid,
        begins=now,
        ends=now + timedelta(days=90),
    )


@pytest.mark.postgres
def test_one_emaid_for_two_vehicles_goes_to_one_of_them() -> None:
    world = contracts.world()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    outcomes = _at_once(_generate(world, world.vehicle), _generate(world, other))
    (refused,) = [one for one in outcomes if isinstance(one, DomainError)]
    assert refused.code == "emaid_bound"
    assert Contract.objects.count() == ContractData.objects.count() == 1
    states = IssuedCertificate.objects.filter(profile="contract").values_list("state", flat=True)
    assert sorted(states) in (["issued"], ["issued", "revoked"])


@pytest.mark.postgres
def test_one_emaid_for_one_vehicle_twice_is_a_contract_and_its_update() -> None:
    world = contracts.world()
    _at_once(_generate(world, world.vehicle), _generate(world, world.vehicle))
    assert Contract.objects.get().is_default
    assert ContractData.objects.count() == 1
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


@pytest.mark.postgres
def test_two_first_contracts_of_a_vehicle_have_one_default() -> None:
    world = contracts.world()
    other = contracts.World(
        world.v2g, world.signer, world.mo, world.oem, world.vehicle, world.mo.emaid()
    )
    _at_once(_generate(world, world.vehicle), _generate(other, world.vehicle))
    assert Contract.objects.count() == 2
    assert Contract.objects.filter(is_default=True).count() == 1
