"""PUT /v1/ccp/signedContractData."""

import base64
from typing import Any

import pytest

from apps.contract_pool.models import Contract
from tests.factories import contracts, parties
from tests.factories.calls import Caller, messages
from v2g.protocol import ISO_2_MSGDEF, ISO_20_MSGDEF_2022

pytestmark = pytest.mark.django_db
PATH = "/v1/ccp/signedContractData"


def _body(world: contracts.World, **changes: Any) -> dict[str, Any]:
    signed = world.sign(pcid=None).xml
    body = {
        "emaid": str(world.emaid).lower(),
        "pcid": str(world.vehicle.pcid).lower(),
        "signedContractDataXML": base64.b64encode(signed).decode(),
        "xsdMsgDefNamespace": ISO_2_MSGDEF,
        "metadata": "m",
    }
    return body | changes


def test_stored_data_is_201_and_reaches_the_vehicle() -> None:
    world = contracts.world(own_pki=True)
    response = Caller(world.mo.organization).put(PATH, _body(world))
    assert (response.status_code, response.json()) == (201, {})
    assert Contract.objects.get().meta_data == "m"
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pcid": "short"}, 'pcid : must match "^[a-zA-Z0-9]{17,18}$"'),
        ({"emaid": "DE"}, "emaid : must match"),
        ({"emaid": None}, "emaid : must match"),
        ({"signedContractDataXML": "%%%"}, "signedContractDataXML : must match"),
        ({"signedContractDataXML": base64.b64encode(b"<a/>").decode()}, "signedContractDataXML"),
        ({"xsdMsgDefNamespace": ISO_20_MSGDEF_2022}, "xsdMsgDefNamespace is not supported yet"),
        ({"cpsV2GRootCertificateFingerprint": "x"}, "cpsV2GRootCertificateFingerprint"),
        ({"metadata": "m" * 2001}, "metadata"),
        ({"metadata": 7}, "metadata"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], text: str) -> None:
    world = contracts.world(own_pki=True)
    response = Caller(world.mo.organization).put(PATH, _body(world, **changes))
    assert response.status_code == 400
    assert text in messages(response)[0]
    assert not Contract.objects.exists()


def test_another_media_type_is_415() -> None:
    world = contracts.world(own_pki=True)
    response = Caller(world.mo.organization).put(PATH, "<a/>", content_type="application/xml")
    assert response.status_code == 415


def test_the_wrong_role_is_refused() -> None:
    world = contracts.world(own_pki=True)
    caller = Caller(parties.organization(operator_ids=["DEABC"]))
    assert caller.put(PATH, _body(world)).status_code == 403


def test_another_mo_is_refused() -> None:
    world = contracts.world(own_pki=True)
    caller = Caller(contracts.mo(own_pki=True).organization)
    assert caller.put(PATH, _body(world)).status_code == 403
    assert not Contract.objects.exists()
