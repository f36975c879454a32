"""PUT /v1/cps/generate/signedContractData."""

from datetime import timedelta
from typing import Any

import pytest

from apps.contract_pool.models import Contract
from apps.pki.models import IssuedCertificate
from apps.provisioning_service.services import making
from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller, messages
from v2g.protocol import ISO_2_MSGDEF, ISO_20_MSGDEF_2022

pytestmark = pytest.mark.django_db
PATH = "/v1/cps/generate/signedContractData"


def _body(world: contracts.World, **changes: Any) -> dict[str, Any]:
    now = trust.now()
    body = {
        "contractBegins": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "contractEnds": f"{now + timedelta(days=400):%Y-%m-%dT%H:%M:%SZ}",
        "pcid": str(world.vehicle.pcid).lower(),
        "emaid": world.emaid.display,
        "xsdMsgDefNamespace": ISO_2_MSGDEF,
    }
    return body | changes


def test_generated_data_is_201_and_reaches_the_vehicle() -> None:
    world = contracts.world()
    body = _body(world, subscriptionUrl="https://mo.example/s", metadata="m", unknown=[1])
    response = Caller(world.mo.organization).put(PATH, body)
    assert response.status_code == 201
    assert response.json() == {}
    contract = Contract.objects.get()
    assert (contract.subscription_url, contract.meta_data) == ("https://mo.example/s", "m")
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_the_same_call_again_is_an_update() -> None:
    world = contracts.world()
    caller = Caller(world.mo.organization)
    for _ in range(2):
        assert caller.put(PATH, _body(world)).status_code == 201
    assert Contract.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pcid": "short"}, 'pcid : must match "^[a-zA-Z0-9]{17,18}$"'),
        ({"pcid": None}, "pcid : must match"),
        ({"pcid": ["x"]}, "pcid : must match"),
        ({"emaid": "DE8AA/123456789"}, "emaid : must match"),
        ({"pcid": "WVW99999999999999"}, "with the given PCID is not available."),
        ({"contractEnds": "2020-01-01T00:00:00Z"}, "contractEnds date is in the past."),
        ({"contractBegins": "soon"}, "The contractBegins does not match the specification"),
        ({"contractEnds": 7}, "The contractEnds does not match the specification"),
        ({"contractEnds": "9999-12-31T23:59:59-23:00"}, "contractEnds does not match"),
        ({"xsdMsgDefNamespace": ISO_20_MSGDEF_2022}, "xsdMsgDefNamespace is not supported yet"),
        ({"xsdMsgDefNamespace": None}, "xsdMsgDefNamespace : must not be null"),
        ({"cpsV2GRootCertificateFingerprint": "00"}, "cpsV2GRootCertificateFingerprint"),
        ({"subscriptionUrl": "x" * 501}, "subscriptionUrl"),
        ({"metaData": "x\x00"}, "metaData"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], text: str) -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).put(PATH, _body(world, **changes))
    assert response.status_code == 400
    assert text in messages(response)[0]
    assert not Contract.objects.exists()


def test_an_unknown_root_is_404_with_opcps_text() -> None:
    world = contracts.world()
    body = _body(world, cpsV2GRootCertificateFingerprint="00" * 32)
    response = Caller(world.mo.organization).put(PATH, body)
    assert response.status_code == 404
    assert messages(response) == ["Root certificate with the given ID is not found"]
    assert not Contract.objects.exists()


def test_an_emaid_of_another_vehicle_is_400_with_the_text_of_opcp() -> None:
    world = contracts.world()
    world.generate()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    response = Caller(world.mo.organization).put(PATH, _body(world, pcid=str(other.pcid)))
    assert response.status_code == 400
    assert messages(response) == ["Invalid Tupple - EMAID is already used by other PCID."]


@pytest.mark.parametrize("media_type", ["application/xml", "multipart/form-data; boundary=x"])
def test_another_media_type_is_415(media_type: str) -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).put(PATH, "<a/>", content_type=media_type)
    assert response.status_code == 415


def test_a_body_over_a_megabyte_is_413() -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).put(PATH, _body(world, x="A" * 1_000_001))
    assert response.status_code == 413


def test_the_wrong_role_and_another_mo_are_refused() -> None:
    world = contracts.world()
    for other in (parties.organization(operator_ids=["DEABC"]), contracts.mo().organization):
        assert Caller(other).put(PATH, _body(world)).status_code == 403
    assert not Contract.objects.exists()


def test_other_methods_are_not_allowed() -> None:
    world = contracts.world()
    assert Caller(world.mo.organization).post(PATH, _body(world)).status_code == 405


def test_a_call_that_another_overtook_is_409_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = contracts.world()
    caller = Caller(world.mo.organization)
    assert caller.put(PATH, _body(world)).status_code == 201
    made = making.make

    def slow(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(making, "make", made)
        made(*given, **named)
        world.generate()

    monkeypatch.setattr(making, "make", slow)
    response = caller.put(PATH, _body(world))
    assert response.status_code == 409
    assert "was renewed meanwhile" in messages(response)[0]
    states = IssuedCertificate.objects.filter(profile="contract").values_list("state", flat=True)
    assert sorted(states) == ["issued", "issued", "revoked"]
