"""An MO with a CA of its own hands its contract data in, as a document of OPCP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.contract_pool.models import Contract, ContractData
from apps.mo import own_data, tasks
from tests.factories import contracts, parties, pki, trust
from tests.mo.conftest import Person, term
from v2g.pki.profiles import Branch


@pytest.fixture
def world(db: None) -> contracts.World:
    return contracts.world(own_pki=True)


@pytest.fixture
def person(world: contracts.World) -> Person:
    return Person(world, parties.member(organization=world.mo.organization)).log_in()


@pytest.fixture
def at(person: Person) -> str:
    """A draft that waits at its term."""
    address = person.begin()
    person.post(f"{address}vehicle/", pcid=str(person.world.vehicle.pcid))
    person.post(f"{address}customer/", emaid=str(person.world.emaid))
    return address


def document(world: contracts.World, **changes: Any) -> dict[str, str]:
    terms: dict[str, Any] = {"party": world.mo, "vehicle": world.vehicle, "name": world.emaid}
    return contracts.contract_data_body(contracts.contract_data(**(terms | changes)))


def hand_in(person: Person, at: str, octets: bytes) -> Any:
    file = SimpleUploadedFile("data.json", octets)
    return person.post(f"{at}term/", source="own", file=file, root="")


@pytest.mark.parametrize("nested", [True, False])
def test_own_contract_data_is_signed_and_stored(person: Person, at: str, nested: bool) -> None:
    body = document(person.world)
    octets = json.dumps({"contractData": body} if nested else body).encode()
    assert hand_in(person, at, octets).headers["Location"] == f"{at}confirm/"
    page = person.client.get(f"{at}confirm/").content.decode()
    assert "Our own CA" in page
    person.post(f"{at}confirm/", confirmed="on")
    tasks.conclude_draft(person.draft.pk)
    assert person.draft.state == "stored", person.draft.message
    contract = Contract.objects.get()
    assert (contract.emaid, person.draft.contract) == (str(person.world.emaid), contract)
    car = person.world.car
    car.accept(car.install(contracts.cpo_actor()).exi)
    live = person.client.get(f"{at}live/").content.decode()
    assert "Certificate issued" not in live


def test_going_back_needs_no_second_upload(person: Person, at: str) -> None:
    hand_in(person, at, json.dumps(document(person.world)).encode())
    assert "Contract data is here already." in person.client.get(f"{at}term/").content.decode()
    again = person.post(f"{at}term/", source="own", root="")
    assert again.headers["Location"] == f"{at}confirm/"
    assert person.draft.own_data
    person.post(f"{at}term/", **term())
    assert not person.draft.own_data


def test_what_cannot_be_used_is_said_at_the_file(person: Person, at: str) -> None:
    world = person.world
    expired = contracts.contract_leaf(
        world.mo, world.emaid, at=trust.now() - timedelta(days=400), days=30
    )
    key = pki.make_root(Branch.MO, at=trust.now()).key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    said = {
        b"": "Choose the file",
        b"nonsense": "no JSON document",
        b"[1]": "no JSON object",
        b"{}": "must not be null",
        b"[" * 49_000: "no JSON document",
        b" " * (own_data.MAX_BYTES + 1): "too large",
        key: "private key in this file",
        json.dumps(document(world, name=world.mo.emaid())).encode(): "is for",
        json.dumps(document(world, leaf=expired)).encode(): "has expired",
    }
    for octets, words in said.items():
        answer = hand_in(person, at, octets)
        assert answer.status_code == 422, words
        assert words in answer.content.decode()
        assert not person.draft.own_data
    assert person.post(f"{at}term/", source="own", root="").status_code == 422


def test_an_mo_without_a_ca_cannot_hand_data_in(db: None) -> None:
    made = contracts.world()
    person = Person(made, parties.member(organization=made.mo.organization)).log_in()
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(made.vehicle.pcid))
    person.post(f"{at}customer/", emaid=str(made.emaid))
    assert 'type="file"' not in person.client.get(f"{at}term/").content.decode()
    assert hand_in(person, at, b"{}").status_code == 422
    assert not ContractData.objects.exists()
