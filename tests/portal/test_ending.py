"""What action pages do: vehicles reset and withdrawn, contracts ended, certificates revoked."""

from collections.abc import Callable

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool import services as contract_services
from apps.contract_pool.models import Contract
from apps.core.actor import Right
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.pki.services import revoke_by_fingerprint
from apps.provisioning_pool import services as vehicle_services
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import contracts, trust
from tests.portal.actions import CASES, WHY, address, page_of, person_of, serial_end, state
from tests.portal.conftest import Browser


@pytest.fixture
def world(db: None) -> contracts.World:
    """A vehicle with one contract that our MO CA issued a certificate for."""
    made = contracts.world()
    made.generate()
    return made


@pytest.fixture
def contract(world: contracts.World) -> Contract:
    return Contract.objects.get(emaid_key=world.emaid.key)


@pytest.fixture
def issued(world: contracts.World) -> IssuedCertificate:
    return IssuedCertificate.objects.get(profile="contract")


def test_a_vehicle_is_reset_and_its_contract_ends(
    world: contracts.World, contract: Contract, browser: Browser
) -> None:
    client, row = browser(person_of(world.vehicle.owner)), world.vehicle.row
    asked = client.get(address(row, "factory-reset")).content.decode()
    assert "1 running contract ends, and its mobility operator is told." in asked
    spaced = f" {str(world.vehicle.pcid).lower()[:3]} {str(world.vehicle.pcid)[3:]}"
    fields = {"reason": WHY, "typed": spaced}
    answer = client.post(address(row, "factory-reset"), fields, follow=True)
    assert answer.redirect_chain == [(page_of(row), 302)]
    assert f"{row.pcid} was reset to factory state." in answer.content.decode()
    contract.refresh_from_db()
    assert (contract.state, contract.end_reason) == ("ended", "vehicle_reset")
    event = AuditEvent.objects.get(action="provisioning_pool.factory_reset")
    assert (event.reason, event.target_id) == (WHY, row.pcid)
    after = client.get(address(row, "factory-reset")).content.decode()
    assert "No contract runs for this vehicle." in after


def test_a_vehicle_is_withdrawn_and_its_page_is_gone(
    world: contracts.World, contract: Contract, browser: Browser
) -> None:
    client, row = browser(person_of(world.vehicle.owner)), world.vehicle.row
    fields = {"reason": WHY, "typed": row.pcid}
    answer = client.post(address(row, "withdraw"), fields, follow=True)
    assert answer.redirect_chain == [("/vehicles/", 302)]
    assert f"{row.pcid} was withdrawn." in answer.content.decode()
    assert not ProvisioningCertificate.objects.exists()
    contract.refresh_from_db()
    assert contract.state == "ended"
    assert AuditEvent.objects.get(action="provisioning_pool.withdraw").reason == WHY
    assert client.post(address(row, "withdraw"), fields).status_code == 404


def test_a_contract_is_ended(
    world: contracts.World, contract: Contract, issued: IssuedCertificate, browser: Browser
) -> None:
    client, at = browser(person_of(world.mo.organization)), address(contract, "end")
    assert (
        "1 contract certificate that was issued here is revoked." in client.get(at).content.decode()
    )
    fields = {"reason": WHY, "typed": contract.emaid}
    answer = client.post(at, fields, follow=True)
    assert answer.redirect_chain == [(page_of(contract), 302)]
    page = answer.content.decode()
    assert f"Contract {contract.emaid} has ended." in page
    assert "ended by the mobility operator" in page
    assert "runs until" not in page
    contract.refresh_from_db()
    issued.refresh_from_db()
    assert (contract.state, contract.end_reason, issued.state) == (
        "ended",
        "terminated",
        "revoked",
    )
    assert AuditEvent.objects.get(action="contract_pool.end").reason == WHY


def test_a_contract_that_ended_meanwhile_is_not_ended_again(
    world: contracts.World, contract: Contract, browser: Browser
) -> None:
    client, at = browser(person_of(world.mo.organization)), address(contract, "end")
    contract_services.end(actor=world.mo.actor, emaid=world.emaid)
    before = state()
    answer = client.post(at, {"reason": WHY, "typed": contract.emaid})
    assert answer.status_code == 409
    assert "This contract has ended already." in answer.content.decode()
    assert client.get(at).headers["Location"] == page_of(contract)
    assert at not in client.get(page_of(contract)).content.decode()
    assert state() == before


def test_the_owner_revokes_a_certificate_with_its_reason(
    world: contracts.World, issued: IssuedCertificate, contract: Contract, browser: Browser
) -> None:
    client, at = browser(person_of(world.mo.organization)), address(issued, "revoke")
    asked = client.get(at).content.decode()
    assert "1 running contract ends." in asked
    assert "cACompromise" not in asked
    typed = serial_end(issued).upper()
    colons = f"{typed[:2]}:{typed[2:4]}:{typed[4:6]}:{typed[6:]}"
    answer = client.post(at, {"reason": "superseded", "typed": colons}, follow=True)
    assert answer.redirect_chain == [(page_of(issued), 302)]
    page = answer.content.decode()
    assert f"{issued.common_name} was revoked." in page
    assert "Another certificate takes its place (superseded)" in page
    assert page.count('pp-badge--danger">Revoked') == 2  # beside the name and in the chain
    issued.refresh_from_db()
    contract.refresh_from_db()
    assert (issued.state, issued.reason) == ("revoked", "superseded")
    assert (contract.state, contract.end_reason) == ("ended", "certificate_revoked")


def test_a_certificate_that_was_revoked_meanwhile_keeps_its_reason(
    world: contracts.World, issued: IssuedCertificate, browser: Browser
) -> None:
    case = CASES["revoke"](world)
    fingerprint = bytes(issued.fingerprint or b"")
    revoke_by_fingerprint(
        actor=world.mo.actor, fingerprints=[fingerprint], reason=RevocationReason.SUPERSEDED
    )
    answer = browser(person_of(case.owner)).post(case.address, case.fields)
    assert answer.status_code == 409
    issued.refresh_from_db()
    assert issued.reason == "superseded"


def test_the_operator_revokes_for_others_and_alone_what_has_no_owner(
    world: contracts.World, browser: Browser
) -> None:
    client = browser(person_of(trust.operator()))
    authority = IssuedCertificate.objects.get(profile="MO Sub2")
    asked = client.get(address(authority, "revoke")).content.decode()
    assert "This authority issues no more" in asked
    assert "1 running contract ends." in asked
    fields = {"reason": "cACompromise", "typed": serial_end(authority)}
    mo = browser(person_of(world.mo.organization, Right.ADMIN))
    assert mo.post(address(authority, "revoke"), fields).status_code == 404
    assert client.post(address(authority, "revoke"), fields).status_code == 302
    authority.refresh_from_db()
    assert (authority.state, authority.reason) == ("revoked", "cACompromise")


@pytest.mark.parametrize("reason", ["cACompromise", "removeFromCRL", "x"])
def test_reasons_that_are_not_offered_revoke_nothing(
    world: contracts.World, browser: Browser, reason: str
) -> None:
    case = CASES["revoke"](world)
    client = browser(person_of(case.owner))
    before = state()
    answer = client.post(case.address, case.fields | {"reason": reason})
    assert answer.status_code == 422
    assert state() == before


def test_the_oem_chooses_the_default_contract_of_its_vehicle(
    world: contracts.World, contract: Contract, browser: Browser
) -> None:
    second = world.generate(emaid=world.mo.emaid())
    client, row = browser(person_of(world.vehicle.owner)), world.vehicle.row
    shown = client.get(page_of(row)).content.decode()
    assert contract.emaid in shown
    assert second.emaid in shown
    assert "/contracts/" not in shown
    at = address(row, "default-contract")
    answer = client.post(at, {"emaid": second.emaid}, follow=True)
    assert f"The default contract of {row.pcid} was chosen." in answer.content.decode()
    assert Contract.objects.get(is_default=True) == second
    assert f"{second.emaid}, until" in client.get(at).content.decode()


def test_a_contract_of_another_vehicle_is_no_choice(
    world: contracts.World, browser: Browser
) -> None:
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    world.generate(emaid=world.mo.emaid())
    theirs = world.generate(pcid=other.pcid, emaid=world.mo.emaid())
    at = address(world.vehicle.row, "default-contract")
    client = browser(person_of(world.vehicle.owner))
    before = state()
    answer = client.post(at, {"emaid": theirs.emaid})
    assert answer.status_code == 422
    assert "This contract does not run for the vehicle any more." in answer.content.decode()
    assert state() == before


def test_what_the_service_refuses_stays_on_the_page_with_what_was_typed(
    world: contracts.World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vehicle leaves between the look of the page and the service's own."""
    case = CASES["end"](world)
    fits: Callable[..., bool] = lambda self, row: True  # noqa: E731  the page's own look is late
    monkeypatch.setattr("apps.contract_pool.decisions.End.fits", fits)
    vehicle_services.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    answer = browser(person_of(case.owner)).post(case.address, case.fields)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "The contract for the given EMAID not found." in page
    assert WHY in page
