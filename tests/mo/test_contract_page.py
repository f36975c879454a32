"""A contract's page: its life in order, its renewal, and renewing it now."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.contract_pool import renewal
from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Right
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.events.models import EventKind, OutboxEvent
from apps.provisioning_service import services as cps
from apps.provisioning_service.services import making, renewing
from tests.factories import contracts, trust
from tests.mo.conftest import Person
from v2g.protocol import IsoVersion


@pytest.fixture
def contract(person: Person) -> Contract:
    """A contract of four years: its certificate ends two years earlier."""
    now = trust.now()
    return person.world.generate(begins=now, ends=now + timedelta(days=4 * 365))


def page(person: Person, contract: Contract) -> str:
    answer = person.client.get(f"/contracts/{contract.pk}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def in_order(text: str, *said: str) -> None:
    places = [text.index(one) for one in said]
    assert places == sorted(places), dict(zip(said, places, strict=True))


def test_the_life_of_a_contract_stands_in_order(person: Person, contract: Contract) -> None:
    world = person.world
    OutboxEvent.objects.create(
        kind=EventKind.MO_CONTRACT_CREATED_SENT,
        organization=world.mo.organization,
        lane=contract.pcid,
        payload={"emaid": contract.emaid},
    )
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    ccp.provide(
        actor=trust.oem_actor(world.vehicle.owner),
        emaid=world.emaid,
        pcid=world.vehicle.pcid,
        session_id=b"\x00",
        version=IsoVersion.ISO_2,
    )
    cps.renew(actor=person.actor, contract=contract)
    running = page(person, contract)
    in_order(
        running,
        "Concluded",
        "Signed and stored in the CCP",
        "Sent to the car maker",
        "over Charge point",
        "over OEM backend",
        "Renewed: signed and stored again",
        "Renewal is due",
        "The contract certificate ends",
        "The contract ends",
    )
    ccp.end(actor=world.mo.actor, emaid=world.emaid)
    ended = page(person, contract)
    assert "ended by the mobility operator" in ended
    assert "Renewal is due" not in ended


def test_events_of_another_contract_are_not_told(person: Person, contract: Contract) -> None:
    other = person.world.generate(emaid=person.world.mo.emaid())
    OutboxEvent.objects.create(
        kind=EventKind.MO_CONTRACT_REJECTED,
        organization=person.world.mo.organization,
        lane=contract.pcid,
        payload={"emaid": other.emaid},
    )
    assert "Rejected by the car maker" in page(person, other)
    assert "Rejected by the car maker" not in page(person, contract)


def test_the_renewal_is_due_in_the_window_of_the_mo(person: Person, contract: Contract) -> None:
    plan = renewal.plan(contract)
    assert plan.certificate_ends is not None
    assert plan.due == plan.certificate_ends - timedelta(days=60)
    assert "renewal is due" not in page(person, contract)
    soon = timezone.now() + timedelta(days=59)
    ContractData.objects.update(certificate_not_after=soon)
    assert "renewal is due" in page(person, contract)
    Contract.objects.update(renewal_asked_at=timezone.now())
    assert "it is being renewed" in page(person, contract)


def test_a_certificate_that_lasts_needs_no_renewal(person: Person) -> None:
    contract = person.world.generate()
    assert renewal.plan(contract).due is None
    assert "Not needed" in page(person, contract)


def test_a_contract_is_renewed_from_its_page(person: Person, contract: Contract) -> None:
    before = ContractData.objects.get().certificate_fingerprint
    address = f"/contracts/{contract.pk}/renew/"
    assert address in page(person, contract)
    assert person.client.get(address).status_code == 200
    assert person.post(address).status_code == 302
    data = ContractData.objects.get()
    assert data.certificate_fingerprint != before
    renewed = Contract.objects.get()
    assert (renewed.pk, renewed.ends, renewed.is_default) == (contract.pk, contract.ends, True)
    person.world.car.accept(person.world.car.install(contracts.cpo_actor()).exi)


def test_a_page_from_before_a_renewal_renews_nothing(person: Person, contract: Contract) -> None:
    address = f"/contracts/{contract.pk}/renew/"
    shown = bytes(ContractData.objects.get().certificate_fingerprint).hex()
    assert shown in person.client.get(address).content.decode()
    assert person.post(address, shown=shown).status_code == 302
    renewed = ContractData.objects.get().certificate_fingerprint
    again = person.post(address, shown=shown)
    assert again.status_code == 422
    assert "was renewed meanwhile" in again.content.decode()
    assert ContractData.objects.get().certificate_fingerprint == renewed


def test_only_editors_of_its_mo_renew_a_contract(
    person: Person, contract: Contract, another: Callable[..., Person]
) -> None:
    address = f"/contracts/{contract.pk}/renew/"
    before = ContractData.objects.get().certificate_fingerprint
    assert another(right=Right.VIEWER).post(address).status_code == 403
    stranger = another(contracts.mo().organization)
    assert stranger.post(address).status_code == 404
    with pytest.raises(Forbidden):
        cps.renew(actor=stranger.actor, contract=contract)
    assert ContractData.objects.get().certificate_fingerprint == before


def test_an_ended_contract_is_not_brought_back(person: Person, contract: Contract) -> None:
    ccp.end(actor=person.world.mo.actor, emaid=person.world.emaid)
    with pytest.raises(Conflict):
        cps.renew(actor=person.actor, contract=Contract.objects.get())
    assert person.post(f"/contracts/{contract.pk}/renew/").status_code == 409
    assert not ContractData.objects.exists()


def test_a_contract_that_ends_while_it_is_renewed_stays_ended(
    person: Person, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Callable[..., None] = making.make

    def slow(*given: object, **named: object) -> None:
        made(*given, **named)
        ccp.end(actor=person.world.mo.actor, emaid=person.world.emaid)

    monkeypatch.setattr(making, "make", slow)
    with pytest.raises((Conflict, Invalid)):
        renewing.renew(actor=person.actor, contract=contract)
    assert not Contract.objects.running().exists()
    assert not ContractData.objects.exists()


def test_contract_data_of_an_own_ca_is_not_renewed_by_ours(db: None) -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    with pytest.raises(Invalid) as refused:
        cps.renew(actor=world.mo.actor, contract=Contract.objects.get())
    assert refused.value.code == "own_ca"
