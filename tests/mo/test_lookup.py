"""Vehicle look-up: found or not, within limits, and on to a contract."""

from collections.abc import Callable

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Right
from apps.mo import vehicles
from tests.mo.conftest import Person

LOOK_UP = "/vehicle-look-up/"


def test_a_vehicle_is_shown_with_chain_checks_and_roots(
    person: Person, another: Callable[..., Person]
) -> None:
    for one in (person, another(right=Right.VIEWER)):
        answer = one.post(LOOK_UP, pcid=person.world.vehicle.row.pcid)
        assert answer.status_code == 200
        page = answer.content.decode()
        for said in (
            "Vehicle found",
            "Certificate chain",
            "Checks when it was stored",
            str(person.world.v2g.root_row),
        ):
            assert said in page
        offered = "Conclude a contract for this vehicle" in page
        assert offered is (one is person)


def test_a_vehicle_leads_on_to_its_contract(person: Person) -> None:
    answer = person.post("/conclude/", pcid=person.world.vehicle.row.pcid)
    assert answer.headers["Location"].endswith("/customer/")
    assert person.draft.pcid == person.world.vehicle.row.pcid
    second = person.post("/conclude/", pcid="nonsense")
    assert second.headers["Location"].endswith("/vehicle/")


@pytest.mark.parametrize(
    ("pcid", "said"),
    [
        ("", "Type the PCID of the vehicle."),
        ("WVW", "3 characters of 17 or 18"),
        ("XXX999999999999999", "No vehicle has this PCID."),
        ("');alert(1)//", "no «"),
    ],
)
def test_what_is_not_found_says_so(person: Person, pcid: str, said: str) -> None:
    answer = person.post(LOOK_UP, pcid=pcid)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_unknown_vehicles_are_recorded_as_over_rest(person: Person) -> None:
    person.post(LOOK_UP, pcid="XXX999999999999999")
    event = AuditEvent.objects.get(action="pcp.get")
    assert (event.result, event.detail["code"]) == ("refused", "vehicle_unknown")


def test_look_ups_are_limited_by_the_hour(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vehicles, "PER_HOUR", 1)
    person.post(LOOK_UP, pcid=person.world.vehicle.row.pcid)
    answer = person.post(LOOK_UP, pcid="XXX999999999999999")
    assert "within this hour" in answer.content.decode()


def test_other_roles_have_no_look_up(person: Person, another: Callable[..., Person]) -> None:
    oem = another(person.world.vehicle.owner)
    assert oem.client.get(LOOK_UP).status_code == 403
    assert oem.post(LOOK_UP, pcid=person.world.vehicle.row.pcid).status_code == 403
    assert person.client.get(LOOK_UP).status_code == 200
