"""DELETE /v1/ccp/signedContractData/{emaid} and GET /v1/ccp/signedContractData/{pcid}."""

from typing import Any

import pytest

from apps.contract_pool.models import Contract
from apps.pki.models import IssuedCertificate
from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller, messages
from tests.pki.enrolment import Party, certificates_in, csr

pytestmark = pytest.mark.django_db
PATH = "/v1/ccp/signedContractData/"


def test_a_deleted_contract_is_200_with_an_empty_object() -> None:
    world = contracts.world()
    world.generate()
    response = Caller(world.mo.organization).delete(PATH + world.emaid.display)
    assert (response.status_code, response.json()) == (200, {})
    assert not Contract.objects.running().exists()


def test_deleting_it_again_is_404() -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).delete(PATH + str(world.emaid))
    assert response.status_code == 404
    assert messages(response) == ["The contract for the given EMAID not found."]


def test_a_bad_emaid_is_400_with_the_text_of_opcp() -> None:
    response = Caller(contracts.mo().organization).delete(PATH + "DE-1")
    assert response.status_code == 400
    assert messages(response)[0].startswith("emaid : must match")


@pytest.mark.parametrize(("sandbox", "status"), [(True, 200), (False, 400)])
def test_the_revocation_is_skipped_in_sandboxes_only(
    settings: Any, sandbox: bool, status: int
) -> None:
    settings.SANDBOX = sandbox
    world = contracts.world()
    world.generate()
    response = Caller(world.mo.organization).delete(
        PATH + str(world.emaid), {"X-Skip-Revocation": "true"}
    )
    assert response.status_code == status


def test_another_mo_and_another_role_may_not_delete() -> None:
    world = contracts.world()
    world.generate()
    for other in (contracts.mo().organization, world.vehicle.owner):
        assert Caller(other).delete(PATH + str(world.emaid)).status_code == 403
    assert Contract.objects.running().exists()


def test_the_owner_lists_the_contracts_of_a_vehicle() -> None:
    world = contracts.world()
    world.generate()
    world.generate(emaid=world.mo.emaid())
    response = Caller(world.vehicle.owner).get(PATH + str(world.vehicle.pcid))
    assert response.status_code == 200
    first, second = response.json()["XMLContracts"]
    assert (first["emaid"], first["defaultContract"], first["priority"]) == (
        str(world.emaid),
        True,
        1,
    )
    assert (second["defaultContract"], second["priority"]) == (False, 2)
    assert first["certValidFrom"].endswith("Z")
    assert first["cpsV2GRootCertificateFingerprint"] == (
        world.v2g.root.certificate.fingerprint.hex()
    )
    assert first["cpsRootCertificateDN"] == world.v2g.root.certificate.subject.text


def test_a_vehicle_without_contracts_has_an_empty_list() -> None:
    world = contracts.world()
    response = Caller(world.vehicle.owner).get(PATH + str(world.vehicle.pcid))
    assert (response.status_code, response.json()) == (200, {"XMLContracts": []})


def test_an_unknown_vehicle_is_404() -> None:
    world = contracts.world()
    assert Caller(world.vehicle.owner).get(PATH + trust.pcid()).status_code == 404


def test_a_bad_pcid_is_400() -> None:
    world = contracts.world()
    assert Caller(world.vehicle.owner).get(PATH + "WVW").status_code == 400


def test_another_owner_and_another_role_see_nothing() -> None:
    world = contracts.world()
    for other in (parties.organization(wmis=["ZZZ"]), world.mo.organization):
        assert Caller(other).get(PATH + str(world.vehicle.pcid)).status_code == 403


def test_other_methods_are_not_allowed() -> None:
    world = contracts.world()
    response = Caller(world.mo.organization).call("PUT", PATH + str(world.emaid))
    assert response.status_code == 405


def test_a_certificate_enrolled_for_the_emaid_in_any_spelling_is_revoked_too() -> None:
    world = contracts.world()
    world.generate()
    client, secret = parties.client(organization=world.mo.organization)
    caller = Party(world.mo.organization, client, secret)
    request = csr(world.emaid.display.lower())
    (leaf,) = certificates_in(caller.post("/est/mo/simpleenroll", request))
    assert leaf.common_name == str(world.emaid)
    assert Caller(world.mo.organization).delete(PATH + str(world.emaid)).status_code == 200
    rows = IssuedCertificate.objects.filter(profile="contract")
    assert list(rows.values_list("state", flat=True)) == ["revoked", "revoked"]
