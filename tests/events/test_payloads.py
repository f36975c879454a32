"""What the services emit is what the schemas describe, from the service to the receiver."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import apps.events
from apps.contract_pool import services as ccp
from apps.events import services
from apps.events.models import TEST_KIND, EventKind
from apps.participants.models import Organization
from apps.provisioning_pool import services as pcp
from apps.root_pool import services as rcp
from tests.events.conftest import work
from tests.factories import contracts, parties, pki, trust
from tests.factories.receivers import Receiver, subscribe

pytestmark = pytest.mark.django_db

SCHEMAS = Path(apps.events.__file__).parent / "schemas"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


TOLD = ("root_event", "contract_event", "certificate_event")
VALIDATORS = {name: validator(name) for name in (*TOLD, "test_event")}
OF = {"root": "root_event", "webhook": "test_event", "certificate": "certificate_event"}


def check(envelope: dict[str, Any]) -> None:
    kind = envelope["eventType"]
    VALIDATORS[OF.get(kind.split(".")[0], "contract_event")].validate(envelope)


def listen(receiver: Receiver, *organizations: Organization) -> None:
    """Subscribe the organisations to everything that happens from now on."""
    work()
    for organization in organizations:
        actor = parties.actor(organization=organization)
        subscribe(actor, receiver, path=f"/{organization.pk}")


def test_every_kind_has_a_schema() -> None:
    named = {
        kind
        for known in TOLD
        for kind in VALIDATORS[known].schema["properties"]["eventType"]["enum"]
    }
    assert named == set(EventKind.values)
    assert VALIDATORS["test_event"].schema["properties"]["eventType"] == {"const": TEST_KIND}


def test_a_schema_refuses_what_is_not_a_payload() -> None:
    payload = {"emaid": "DEMOBC123456789", "pcid": "WVW12345678901234"}
    envelope = {
        "timestamp": "2026-02-03T00:00:00Z",
        "eventId": "b1b86334-7c74-4ccc-b78d-d4f773d3b559",
        "eventType": "oem.contract.created",
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
        "payload": payload,
    }
    schema = VALIDATORS["contract_event"]
    assert schema.is_valid(envelope)
    for broken in (
        {"payload": {"pcid": payload["pcid"]}},
        {"payload": payload | {"privateKey": "x"}},
        {"payload": payload | {"emaid": "DE-MOB-C123456789"}},
        {"payload": payload | {"contractCert": "not base64"}},
        {"timestamp": 1770076800},
        {"eventType": "root.cert.added"},
        {"xsdMsgDefNamespace": "urn:iso:15118:20:2020:MsgDef"},
    ):
        assert not schema.is_valid(envelope | broken), broken


def test_the_life_of_a_contract_is_told_in_valid_payloads(receiver: Receiver) -> None:
    world = contracts.world()
    oem, mo = world.vehicle.owner, world.mo.organization
    listen(receiver, oem, mo)
    world.generate()
    work()
    world.generate()
    work()
    ccp.end(actor=world.mo.actor, emaid=world.emaid)
    work()
    world.generate(emaid=world.mo.emaid())
    work()
    pcp.withdraw(actor=trust.oem_actor(oem), pcid=world.vehicle.pcid)
    work()
    for request in receiver.received:
        check(request.envelope)
    of_oem = [one for one in receiver.received if one.path == f"/{oem.pk}"]
    of_mo = [one for one in receiver.received if one.path == f"/{mo.pk}"]
    assert [one.kind for one in of_oem][:4] == [
        "oem.contract.created",
        "oem.contract.updated",
        "oem.contract.deleted",
        "oem.contract.created",
    ]
    assert [one.kind for one in of_mo][:4] == [
        "mo.contract.created.sent.to.oem",
        "mo.contract.updated.sent.to.oem",
        "mo.contract.deleted.sent.to.oem",
        "mo.contract.created.sent.to.oem",
    ]
    assert "mo.prov.cert.deleted" in {one.kind for one in of_mo}


def test_a_new_vehicle_key_is_told_in_a_valid_payload(receiver: Receiver) -> None:
    world = contracts.world()
    world.generate()
    listen(receiver, world.mo.organization)
    leaf = pki.make_leaf(world.oem.pki, str(world.vehicle.pcid))
    chain = trust.chain_of(leaf, world.oem.pki)
    pcp.publish(actor=trust.oem_actor(world.vehicle.owner), chain=chain)
    work()
    assert "mo.prov.cert.updated" in receiver.kinds
    for request in receiver.received:
        check(request.envelope)


def test_a_factory_reset_is_told_in_a_valid_payload(receiver: Receiver) -> None:
    world = contracts.world()
    world.generate()
    listen(receiver, world.mo.organization)
    pcp.factory_reset(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    work()
    assert receiver.kinds == ["mo.prov.cert.factory.reset"]
    check(receiver.received[0].envelope)


def test_roots_are_told_in_valid_payloads(receiver: Receiver) -> None:
    listen(receiver, parties.organization())
    made = trust.oem_pki()
    root = made.root_row
    rcp.ask_removal(actor=trust.operator_person(), root=root)
    root.refresh_from_db()
    rcp.confirm_removal(actor=trust.operator_person(), root=root)
    work()
    assert "root.cert.added" in receiver.kinds
    assert len(receiver.kinds) == 2
    for request in receiver.received:
        check(request.envelope)


def test_a_test_event_is_valid(receiver: Receiver) -> None:
    actor = parties.actor(organization=parties.organization())
    services.send_test(actor=actor, endpoint=subscribe(actor, receiver))
    work()
    check(receiver.received[0].envelope)
