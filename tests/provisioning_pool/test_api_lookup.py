"""GET /v1/oem/provCerts/lookupVehicle/{pcid}."""

from typing import Any

import pytest

from apps.core.actor import Role
from tests.factories import parties, trust
from tests.factories.calls import Caller, messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicle() -> trust.Vehicle:
    return trust.published_vehicle()


def path(pcid: object) -> str:
    return f"/v1/oem/provCerts/lookupVehicle/{pcid}"


@pytest.mark.parametrize("role", [Role.MO, Role.CPS])
def test_a_known_pcid_is_200_in_any_case_with_an_empty_object(
    vehicle: trust.Vehicle, role: Role
) -> None:
    caller = Caller(parties.organization(roles=[role]))
    answer = caller.get(path(str(vehicle.pcid).lower()))
    assert (answer.status_code, answer.json()) == (200, {})


def test_an_unknown_pcid_is_404_and_a_malformed_one_400(vehicle: trust.Vehicle) -> None:
    caller = Caller(parties.organization(roles=[Role.MO]))
    unknown = caller.get(path("WVW00000000000000"))
    assert unknown.status_code == 404
    assert messages(unknown) == ["The OEM provisioning certificate with given PCID is not found."]
    malformed = caller.get(path("WVW"))
    assert malformed.status_code == 400
    assert messages(malformed) == ['pcid : must match "^[a-zA-Z0-9]{17,18}$"']


def test_an_oem_asks_about_its_own_vehicles_only(vehicle: trust.Vehicle) -> None:
    assert Caller(vehicle.owner).get(path(vehicle.pcid)).status_code == 200
    other = Caller(parties.organization(wmis=["WDD"]))
    assert other.get(path(vehicle.pcid)).status_code == 403


@pytest.mark.parametrize("role", [Role.CPO, Role.OPERATOR])
def test_other_roles_are_403(vehicle: trust.Vehicle, role: Role) -> None:
    caller = Caller(parties.organization(roles=[role]))
    assert caller.get(path(vehicle.pcid)).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(vehicle: trust.Vehicle, method: str) -> None:
    caller = Caller(parties.organization(roles=[Role.MO]))
    assert caller.call(method, path(vehicle.pcid)).status_code == 405


def test_without_a_token_nothing_is_told(vehicle: trust.Vehicle, client: Any) -> None:
    assert client.get(path(vehicle.pcid)).status_code == 401
