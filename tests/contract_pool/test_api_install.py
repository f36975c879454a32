"""POST /v1/ccp/signedContractData."""

import base64
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import AuditEvent
from apps.participants.models import Organization
from tests.factories import contracts, parties
from tests.factories.calls import Caller, messages
from v2g.messages.iso2 import ResponseCode
from v2g.protocol import ISO_2_MSGDEF, ISO_20_MSGDEF_2022

pytestmark = pytest.mark.django_db
PATH = "/v1/ccp/signedContractData"


def _cpo() -> Organization:
    return parties.organization(operator_ids=["DEABC"])


def _body(world: contracts.World, **changes: Any) -> dict[str, Any]:
    request = base64.b64encode(world.car.request()).decode()
    body = {"certificateInstallationReq": request, "xsdMsgDefNamespace": ISO_2_MSGDEF}
    return body | changes


def test_the_answer_has_exactly_one_entry_that_the_vehicle_accepts() -> None:
    world = contracts.world()
    world.generate()
    response = Caller(_cpo()).post(PATH, _body(world, unknown="ignored"))
    assert response.status_code == 200
    (entry,) = response.json()["CCPResponse"]["emaidContent"]
    message = entry["messageDef"]
    assert set(message) == {
        "certificateInstallationRes",
        "emaid",
        "cpsV2GRootCertificateFingerprint",
    }
    assert message["emaid"] == str(world.emaid)
    root = world.v2g.root.certificate.fingerprint
    assert message["cpsV2GRootCertificateFingerprint"] == root.hex()
    world.car.accept(base64.b64decode(message["certificateInstallationRes"], validate=True))


def test_what_the_mobility_operator_noted_comes_back_with_the_contract() -> None:
    world = contracts.world()
    world.generate(meta_data="fleet 7")
    response = Caller(_cpo()).post(PATH, _body(world))
    (entry,) = response.json()["CCPResponse"]["emaidContent"]
    assert entry["messageDef"]["metaData"] == "fleet 7"


@pytest.mark.parametrize("header", [{}, {"alwaysReturnEXI": "true"}])
def test_a_vehicle_without_a_contract_gets_an_exi_with_404(header: dict[str, str]) -> None:
    world = contracts.world()
    response = Caller(_cpo()).post(PATH, _body(world), header)
    assert response.status_code == 404
    (entry,) = response.json()["CCPResponse"]["emaidContent"]
    stream = base64.b64decode(entry["messageDef"]["certificateInstallationRes"])
    code = contracts.installed(stream).response_code
    assert code is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def test_who_wants_no_exi_gets_the_error_of_opcp() -> None:
    world = contracts.world()
    response = Caller(_cpo()).post(PATH, _body(world), {"alwaysReturnEXI": "false"})
    assert response.status_code == 404
    assert messages(response) == ["Contract or Vehicle not found."]


def test_a_broken_exi_is_400_also_where_exi_is_wanted() -> None:
    world = contracts.world()
    body = _body(world, certificateInstallationReq=base64.b64encode(b"no exi").decode())
    response = Caller(_cpo()).post(PATH, body)
    assert response.status_code == 400
    assert messages(response) == ["EXI format is invalid!"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"certificateInstallationReq": None}, "must not be null"),
        ({"certificateInstallationReq": "no base64!"}, "must match"),
        ({"certificateInstallationReq": 7}, "must match"),
        ({"xsdMsgDefNamespace": None}, "xsdMsgDefNamespace : must not be null"),
        ({"xsdMsgDefNamespace": "urn:other"}, "xsdMsgDefNamespace"),
        ({"xsdMsgDefNamespace": ISO_20_MSGDEF_2022}, "xsdMsgDefNamespace is not supported yet"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], text: str) -> None:
    world = contracts.world()
    response = Caller(_cpo()).post(PATH, _body(world, **changes))
    assert response.status_code == 400
    assert text in messages(response)[0]


def test_a_header_that_is_no_boolean_is_refused() -> None:
    world = contracts.world()
    response = Caller(_cpo()).post(PATH, _body(world), {"alwaysReturnEXI": "maybe"})
    assert response.status_code == 400


def test_a_body_over_a_megabyte_is_413() -> None:
    response = Caller(_cpo()).post(PATH, {"certificateInstallationReq": "A" * 1_000_001})
    assert response.status_code == 413


def test_the_wrong_role_is_refused_and_recorded() -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).post(PATH, _body(world))
    assert response.status_code == 403
    assert AuditEvent.objects.get(result="refused").action == "ccp.install"


def test_another_car_maker_is_refused() -> None:
    world = contracts.world()
    world.generate()
    response = Caller(parties.organization(wmis=["ZZZ"])).post(PATH, _body(world))
    assert response.status_code == 403


def test_other_methods_are_not_allowed() -> None:
    assert Caller(_cpo()).call("PATCH", PATH).status_code == 405


def test_without_a_token_it_is_401(client: Client) -> None:
    assert client.post(PATH, {}, content_type="application/json").status_code == 401
