"""GET /v1/ccp/provideSignedContractData/{emaid}/{pcid}."""

import base64

import pytest

from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller, messages
from v2g import exi
from v2g.protocol import ISO_2_MSGDEF, ISO_20_MSGDEF_2022

pytestmark = pytest.mark.django_db


def _path(world: contracts.World) -> str:
    return f"/v1/ccp/provideSignedContractData/{world.emaid.display}/{world.vehicle.pcid}"


@pytest.mark.parametrize(
    ("asked", "echoed"), [("", "00"), ("00", "00"), ("0102030405060708", "0102030405060708")]
)
def test_the_vehicle_accepts_what_the_owner_fetched(asked: str, echoed: str) -> None:
    world = contracts.world()
    world.generate()
    response = Caller(world.vehicle.owner).get(_path(world), {"sessionID": asked})
    assert response.status_code == 200
    body = response.json()
    assert body["xsdMsgDefNamespace"] == ISO_2_MSGDEF
    root = world.v2g.root.certificate.fingerprint.hex()
    assert body["cpsV2GRootCertificateFingerprint"] == root
    stream = base64.b64decode(body["certificateInstallationRes"], validate=True)
    assert exi.decode(stream).header.session_id.hex() == echoed
    world.car.accept(stream)


@pytest.mark.parametrize("session_id", ["1", "xy", "00" * 9, "0 0", "\u0660\u0660"])
def test_a_bad_session_is_400_with_the_text_of_opcp(session_id: str) -> None:
    world = contracts.world()
    response = Caller(world.vehicle.owner).get(_path(world), {"sessionID": session_id})
    assert response.status_code == 400
    (text,) = messages(response)
    assert text == (
        "Invalid SessionID format, make sure the length is maximum 8 characters"
        " and it is represented in HEX binary"
    )


def test_an_unknown_contract_is_404_with_the_text_of_opcp() -> None:
    world = contracts.world()
    response = Caller(world.vehicle.owner).get(_path(world))
    assert response.status_code == 404
    assert messages(response) == ["The contract for the given EMAID not found."]


def test_the_root_is_named_in_any_spelling() -> None:
    world = contracts.world()
    world.generate()
    fingerprint = world.v2g.root.certificate.fingerprint
    caller = Caller(world.vehicle.owner)
    for name in (
        fingerprint.hex(),
        fingerprint.hex().upper(),
        fingerprint.hex(":").upper(),
        str(world.v2g.root_row.uuid),
    ):
        query = {"cpsV2GRootCertificateFingerprint": name}
        assert caller.get(_path(world), query).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"xsdMsgDefNamespace": ISO_20_MSGDEF_2022},
        {"cpsV2GRootCertificateFingerprint": "00"},
    ],
)
def test_a_bad_query_is_400(query: dict[str, str]) -> None:
    world = contracts.world()
    world.generate()
    assert Caller(world.vehicle.owner).get(_path(world), query).status_code == 400


def test_an_unknown_root_is_404_with_opcps_text() -> None:
    world = contracts.world()
    world.generate()
    query = {"cpsV2GRootCertificateFingerprint": "00" * 32}
    answer = Caller(world.vehicle.owner).get(_path(world), query)
    assert answer.status_code == 404
    assert messages(answer) == ["Root certificate with the given ID is not found"]


def test_other_parties_get_nothing() -> None:
    world = contracts.world()
    world.generate()
    for other in (
        parties.organization(wmis=["ZZZ"]),
        world.mo.organization,
        parties.organization(operator_ids=["DEABC"]),
    ):
        assert Caller(other).get(_path(world)).status_code == 403


def test_other_methods_are_not_allowed() -> None:
    world = contracts.world()
    assert Caller(trust.operator()).post(_path(world), {}).status_code == 405
