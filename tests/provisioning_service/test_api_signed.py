"""PUT /v1/cps/contractData/signed and its two older forms."""

import base64
from typing import Any

import pytest

from apps.contract_pool.models import Contract
from tests.factories import contracts, parties
from tests.factories.calls import Caller, messages
from v2g import exi, xml
from v2g.messages import iso2
from v2g.protocol import ISO_2_MSGDEF, ISO_20_MSGDEF_2022

pytestmark = pytest.mark.django_db
PATH = "/v1/cps/contractData/signed"
ONLY = "/v1/cps/signedContractData"
FORWARD = "/v1/cps/forward/signedContractData"


def _data(world: contracts.World) -> dict[str, Any]:
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    return dict(contracts.contract_data_body(data))


def _body(world: contracts.World, **changes: Any) -> dict[str, Any]:
    return {"contractData": _data(world), "xsdMsgDefNamespace": ISO_2_MSGDEF} | changes


def _nested(world: contracts.World) -> dict[str, Any]:
    flat = _data(world)
    return {
        "contractSignatureCertChain": {
            "contractSignatureCertChainCertificate": flat["contractCertificate"],
            "contractSignatureCertChainSubCertificates": [
                flat["contractSubCa2Certificate"],
                flat["contractSubCa1Certificate"],
            ],
        },
        "contractSignatureEncryptedPrivateKey": flat["contractSignatureEncryptedPrivateKey"],
        "dHpublickey": flat["dHpublickey"],
        "emaid": str(world.emaid),
    }


def _accept(world: contracts.World, body: dict[str, Any]) -> None:
    message = xml.read(base64.b64decode(body["signedData"], validate=True), iso2.V2GMessage)
    world.car.accept(exi.encode(message))


def test_the_vehicle_accepts_what_comes_back() -> None:
    world = contracts.world(own_pki=True)
    response = Caller(world.mo.organization).put(PATH, _body(world, metaData="m"))
    assert response.status_code == 201
    body = response.json()
    root = world.v2g.root.certificate
    assert body["emaid"] == str(world.emaid)
    assert body["pcid"] is None
    assert body["cpsV2GRootCertificateFingerprint"] == root.fingerprint.hex()
    assert body["cpsRootDistinguishedName"] == root.subject.text
    assert (body["metaData"], body["xsdMsgDefNamespace"]) == ("m", ISO_2_MSGDEF)
    _accept(world, body)
    assert not Contract.objects.exists()


def test_with_a_pcid_it_is_stored_too() -> None:
    world = contracts.world(own_pki=True)
    body = _body(world, pcid=str(world.vehicle.pcid))
    response = Caller(world.mo.organization).put(PATH, body)
    assert response.status_code == 201
    assert response.json()["pcid"] == str(world.vehicle.pcid)
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_the_nested_form_is_read_too() -> None:
    world = contracts.world(own_pki=True)
    body = _body(world, contractData=_nested(world), emaid=str(world.emaid))
    response = Caller(world.mo.organization).put(PATH, body)
    assert response.status_code == 201
    _accept(world, response.json())


@pytest.mark.parametrize("emaid", ["DE8AAC00000000", 5, {}, "a\0"])
@pytest.mark.parametrize("path", [PATH, "/v1/cps/signedContractData"])
def test_an_emaid_inside_must_be_that_of_the_certificate(path: str, emaid: object) -> None:
    world = contracts.world(own_pki=True)
    nested = _nested(world) | {"emaid": emaid}
    body = _body(world, contractData=nested, pcid=str(world.vehicle.pcid), emaid=str(world.emaid))
    response = Caller(world.mo.organization).put(path, body)
    assert response.status_code == 400
    assert "emaid" in response.json()["errorMessages"][0].lower()
    assert not Contract.objects.exists()


def test_the_older_form_that_does_not_store() -> None:
    world = contracts.world(own_pki=True)
    body = _body(world, pcid=str(world.vehicle.pcid))
    response = Caller(world.mo.organization).put(ONLY, body)
    assert response.status_code == 200
    assert response.json()["pcid"] == str(world.vehicle.pcid)
    _accept(world, response.json())
    assert not Contract.objects.exists()


def test_the_older_form_that_stores() -> None:
    world = contracts.world(own_pki=True)
    body = _body(world, pcid=str(world.vehicle.pcid))
    response = Caller(world.mo.organization).put(FORWARD, body)
    assert (response.status_code, response.json()) == (201, {})
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_the_older_forms_need_a_pcid() -> None:
    world = contracts.world(own_pki=True)
    for path in (ONLY, FORWARD):
        assert Caller(world.mo.organization).put(path, _body(world)).status_code == 400


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("contractCertificate", None, "contractData.contractCertificate : must not be null"),
        ("contractCertificate", "!", "contractData.contractCertificate : must match"),
        ("contractSubCa1Certificate", None, "contractData.contractSubCa1Certificate"),
        ("contractSubCa2Certificate", "AA==", "Invalid certificate format on"),
        ("contractSignatureEncryptedPrivateKey", "A", "contractSignatureEncryptedPrivateKey"),
        ("dHpublickey", "", "contractData.dHpublickey : must match"),
        ("dHpublickey", "BAAA", "65 octets"),
    ],
)
def test_a_bad_field_of_the_contract_data_is_named(field: str, value: Any, text: str) -> None:
    world = contracts.world(own_pki=True)
    body = _body(world, contractData=_data(world) | {field: value})
    response = Caller(world.mo.organization).put(PATH, body)
    assert response.status_code == 400
    assert text in messages(response)[0]


@pytest.mark.parametrize("listed", [None, [], ["x"], ["AA=="] * 3, "AA==", [None]])
def test_a_bad_list_of_sub_certificates_is_400_with_the_text_of_opcp(listed: Any) -> None:
    world = contracts.world(own_pki=True)
    nested = _nested(world)
    nested["contractSignatureCertChain"]["contractSignatureCertChainSubCertificates"] = listed
    response = Caller(world.mo.organization).put(PATH, _body(world, contractData=nested))
    assert response.status_code == 400
    assert messages(response) == [
        "Invalid certificate format on contractSignatureCertChainSubCertificates list"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"contractData": None},
        {"contractData": []},
        {"pcid": "short"},
        {"emaid": "DE"},
        {"emaid": "DE8AA000000000"},
        {"xsdMsgDefNamespace": ISO_20_MSGDEF_2022},
        {"cpsV2GRootCertificateFingerprint": "no"},
    ],
)
def test_other_bad_fields_are_400(changes: dict[str, Any]) -> None:
    world = contracts.world(own_pki=True)
    response = Caller(world.mo.organization).put(PATH, _body(world, **changes))
    assert response.status_code == 400
    assert not Contract.objects.exists()


def test_others_are_refused() -> None:
    world = contracts.world(own_pki=True)
    for other in (
        parties.organization(operator_ids=["DEABC"]),
        contracts.mo().organization,
        contracts.mo(own_pki=True).organization,
    ):
        assert Caller(other).put(PATH, _body(world)).status_code == 403


def test_another_media_type_is_415_and_another_method_405() -> None:
    world = contracts.world(own_pki=True)
    caller = Caller(world.mo.organization)
    assert caller.put(PATH, "<a/>", content_type="application/xml").status_code == 415
    assert caller.get(PATH).status_code == 405
