"""What an MO has to renew: the list, its file, and handing new contract data in."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Right, system
from tests.factories import contracts, parties
from tests.mo.conftest import Person
from tests.mo.test_own_data import document


@pytest.fixture
def world(db: None) -> contracts.World:
    """An MO with a CA of its own, with one contract whose certificate ends in 40 days."""
    made = contracts.world(own_pki=True)
    leaf = contracts.contract_leaf(made.mo, made.emaid, days=40)
    data = contracts.contract_data(made.mo, made.vehicle, made.emaid, leaf=leaf)
    made.sign(contract_data=data)
    return made


@pytest.fixture
def person(world: contracts.World) -> Person:
    return Person(world, parties.member(organization=world.mo.organization)).log_in()


def page(person: Person) -> str:
    answer = person.client.get("/to-renew/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def ask() -> int:
    return ccp.ask_mos(actor=system("tests"), now=timezone.now())


def hand_in(person: Person, body: dict[str, str]) -> Any:
    file = SimpleUploadedFile("data.json", json.dumps(body).encode())
    return person.post(f"/contracts/{Contract.objects.get().pk}/hand-in/", file=file)


def test_a_contract_stands_on_the_list_until_new_data_came(person: Person) -> None:
    assert "Nothing is to be renewed by you now." in page(person)
    assert ask() == 1
    shown = page(person)
    assert str(person.world.emaid) in shown
    assert f"/contracts/{Contract.objects.get().pk}/hand-in/" in shown
    assert hand_in(person, document(person.world)).status_code == 302
    assert "Nothing is to be renewed by you now." in page(person)
    assert ContractData.objects.count() == 1
    person.world.car.accept(person.world.car.install(contracts.cpo_actor()).exi)


def test_the_file_names_what_waits_and_what_failed(person: Person) -> None:
    ask()
    ours = person.world.generate(emaid=person.world.mo.emaid())
    now = timezone.now()
    Contract.objects.filter(pk=ours.pk).update(
        successor_by=now + timedelta(days=9), renewal_asked_at=now - timedelta(days=2)
    )
    assert "Renewal failed" in page(person)
    answer = person.client.get("/to-renew/contracts.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "emaid,pcid,certificate_ends,asked,why"
    assert [(line.split(",")[0], line.split(",")[-1]) for line in lines[1:]] == [
        (str(person.world.emaid), "own_ca"),
        (ours.emaid, "failed"),
    ]


def test_data_for_another_emaid_is_refused_at_its_field(person: Person) -> None:
    before = bytes(ContractData.objects.get().exi)
    answer = hand_in(person, document(person.world, name=person.world.mo.emaid()))
    assert answer.status_code == 422
    assert "EMAID" in answer.content.decode()
    assert bytes(ContractData.objects.get().exi) == before


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"{", "This is no JSON document."),
        (b"-----BEGIN PRIVATE KEY-----", "private key"),
        (b" " * 50_001, "too large"),
    ],
)
def test_a_file_that_is_no_contract_data_is_refused(
    person: Person, octets: bytes, said: str
) -> None:
    file = SimpleUploadedFile("data.json", octets)
    answer = person.post(f"/contracts/{Contract.objects.get().pk}/hand-in/", file=file)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_contract_that_ended_is_not_brought_back(person: Person) -> None:
    ccp.end(actor=person.world.mo.actor, emaid=person.world.emaid)
    assert hand_in(person, document(person.world)).status_code == 409
    assert not ContractData.objects.exists()


def test_another_mo_sees_nothing_of_it(person: Person) -> None:
    ask()
    other = Person(person.world, parties.member(organization=contracts.mo().organization)).log_in()
    assert str(person.world.emaid) not in page(other)
    file = other.client.get("/to-renew/contracts.csv").getvalue()
    assert str(person.world.emaid).encode() not in file


def test_a_viewer_reads_and_hands_nothing_in(person: Person) -> None:
    ask()
    user = parties.member(organization=person.world.mo.organization, right=Right.VIEWER)
    viewer = Person(person.world, user).log_in()
    assert "hand-in" not in page(viewer)
    assert hand_in(viewer, document(person.world)).status_code == 403


def test_other_roles_have_no_list(person: Person) -> None:
    cpo = Person(person.world, parties.member(organization=parties.organization())).log_in()
    assert cpo.client.get("/to-renew/").status_code == 403
    assert cpo.client.get("/to-renew/contracts.csv").status_code == 403


def test_the_page_of_the_contract_says_that_it_was_asked_for(person: Person) -> None:
    address = f"/contracts/{Contract.objects.get().pk}/"
    before = person.client.get(address).content.decode()
    assert "New data of your own CA asked for" not in before
    assert "hand in new contract data." in before
    ask()
    assert "New data of your own CA asked for" in person.client.get(address).content.decode()
    hand_in(person, document(person.world))
    after = person.client.get(address).content.decode()
    assert "Renewal is due" in after
    assert "hand in new contract data." not in after
