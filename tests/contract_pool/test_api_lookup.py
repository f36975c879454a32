"""GET /v1/ccp/lookupContract/{emaid}."""

import base64

import pytest

from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller, messages
from v2g.pki.certificate import Certificate
from v2g.protocol import ISO_2_MSGDEF

pytestmark = pytest.mark.django_db
PATH = "/v1/ccp/lookupContract/"


def test_mo_and_owner_find_the_contract() -> None:
    world = contracts.world()
    world.generate()
    for party in (world.mo.organization, world.vehicle.owner):
        response = Caller(party).get(PATH + world.emaid.key)
        assert response.status_code == 200
        (found,) = response.json()["XMLContracts"]
        assert found["pcid"] == str(world.vehicle.pcid)
        assert found["xsdMsgDefNamespace"] == ISO_2_MSGDEF
        certificate = Certificate.from_der(base64.b64decode(found["contractCertificate"]))
        assert certificate.common_name == str(world.emaid) == found["emaid"]


def test_the_root_narrows_the_answer() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    world.generate()
    caller = Caller(world.mo.organization)
    assert len(caller.get(PATH + world.emaid.key).json()["XMLContracts"]) == 2
    fingerprint = second.root.certificate.fingerprint.hex()
    query = {"cpsV2GRootCertificateFingerprint": fingerprint}
    (found,) = caller.get(PATH + world.emaid.key, query).json()["XMLContracts"]
    assert found["cpsV2GRootCertificateFingerprint"] == fingerprint


def test_an_unknown_contract_is_404() -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).get(PATH + world.emaid.key)
    assert response.status_code == 404
    assert messages(response) == ["The contract for the given EMAID not found."]


def test_a_bad_emaid_is_400() -> None:
    assert Caller(contracts.mo().organization).get(PATH + "12-345").status_code == 400


def test_other_parties_find_nothing() -> None:
    world = contracts.world()
    world.generate()
    for other in (
        contracts.mo().organization,
        parties.organization(wmis=["ZZZ"]),
        parties.organization(operator_ids=["DEABC"]),
    ):
        assert Caller(other).get(PATH + world.emaid.key).status_code == 403


def test_other_methods_are_not_allowed() -> None:
    world = contracts.world()
    assert Caller(world.mo.organization).delete(PATH + world.emaid.key).status_code == 405
