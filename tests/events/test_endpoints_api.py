"""OPCP webhooks.v1 over REST: five operations, and ours for tries and deliveries."""

from typing import Any

import pytest
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.core.errors import Forbidden
from apps.events import selectors, services
from apps.events.models import EventKind, WebhookEndpoint
from apps.participants import services as participants
from tests.events.conftest import BODY, PATH, URL, Trade, created, work
from tests.factories import parties
from tests.factories.calls import Caller
from tests.factories.receivers import Receiver, secret_of, subscribe

pytestmark = pytest.mark.django_db


def test_create_answers_with_the_endpoint_and_its_secret(caller: Caller) -> None:
    body = created(caller)
    row = WebhookEndpoint.objects.get()
    assert body == {
        "id": str(row.uuid),
        "apiVersion": "v1",
        "created": int(row.created_at.timestamp()),
        "description": "Test webhook",
        "enabledEvents": ["oem.contract.created", "oem.contract.deleted"],
        "events": ["oem.contract.created", "oem.contract.deleted"],
        "metadata": {"team": "pnc"},
        "metaData": {"team": "pnc"},
        "status": "enabled",
        "url": URL,
        "userRole": "OEM",
        "userName": "Backend",
        "wmis": ["WV1", "WVW"],
        "secret": secret_of(row).decode(),
    }
    assert len(body["secret"]) == 43
    assert body["secret"].encode() not in bytes(row.sealed)


def test_get_shows_the_same_and_the_list_holds_it(caller: Caller) -> None:
    body = created(caller)
    assert caller.get(f"{PATH}/{body['id']}").json() == body
    assert caller.get(PATH).json() == [body]


def test_an_mo_reads_its_provider_ids() -> None:
    mo = parties.organization(provider_ids=["DEMOB"], roles=[Role.MO])
    body = created(Caller(mo), enabledEvents=["mo.contract.delivered.to.oem"])
    assert body["providerIds"] == ["DEMOB"]
    assert "wmis" not in body


def test_update_changes_what_is_sent_and_shows_no_secret(caller: Caller) -> None:
    body = created(caller)
    secret = body.pop("secret")
    changed = caller.put(f"{PATH}/{body['id']}", {"url": f"{URL}/2", "status": "disabled"})
    assert changed.status_code == 200
    assert changed.json() == body | {"url": f"{URL}/2", "status": "disabled"}
    assert caller.get(f"{PATH}/{body['id']}").json()["secret"] == secret


def test_update_replaces_events_description_and_metadata(caller: Caller) -> None:
    body = created(caller)
    sent = {"url": URL, "events": ["root.cert.added"], "description": "New", "metaData": {"a": 1}}
    changed = caller.put(f"{PATH}/{body['id']}", sent).json()
    assert changed["enabledEvents"] == ["root.cert.added"]
    assert (changed["description"], changed["metadata"]) == ("New", {"a": 1})


def test_delete_ends_it_and_destroys_the_secret(caller: Caller) -> None:
    body = created(caller)
    response = caller.delete(f"{PATH}/{body['id']}")
    assert (response.status_code, response.json()) == (200, {})
    assert caller.get(PATH).json() == []
    for answer in (
        caller.get(f"{PATH}/{body['id']}"),
        caller.put(f"{PATH}/{body['id']}", {"url": URL}),
        caller.delete(f"{PATH}/{body['id']}"),
    ):
        assert answer.status_code == 404
    assert bytes(WebhookEndpoint.objects.get().sealed) == b""


def test_both_spellings_of_events_and_the_deprecated_name_are_read() -> None:
    caller = Caller(parties.organization(roles=[Role.MO]))
    old = ["mo.prov.cert.updated.factory.reset", "mo.prov.cert.factory.reset", "root.cert.revoked"]
    body = created(caller, events=old, enabledEvents=None)
    assert body["enabledEvents"] == ["mo.prov.cert.factory.reset", "root.cert.revoked"]


@pytest.mark.parametrize(
    ("roles", "fitting", "never"),
    [
        ([Role.OEM], "oem.contract.deleted", "mo.contract.queued.to.oem"),
        ([Role.MO], "mo.prov.cert.updated", "oem.contract.updated"),
        ([Role.CPO, Role.CPS], "root.cert.expired", "oem.contract.created"),
        ([Role.OPERATOR], "root.cert.revoked", "mo.prov.cert.updated.factory.reset"),
    ],
)
def test_events_that_the_roles_are_never_told_of_are_refused_by_name(
    roles: list[Role], fitting: str, never: str
) -> None:
    caller = Caller(parties.organization(roles=roles))
    refused = caller.post(PATH, BODY | {"enabledEvents": [fitting, never]})
    assert refused.status_code == 400
    (text,) = refused.json()["errorMessages"]
    assert text.startswith("enabledEvents : your organisation is never told of")
    assert never.replace(".updated.factory", ".factory") in text
    assert fitting not in text
    own = created(caller, enabledEvents=[fitting])
    changed = caller.put(f"{PATH}/{own['id']}", {"url": URL, "enabledEvents": [fitting, never]})
    assert changed.status_code == 400
    assert WebhookEndpoint.objects.get().events == [fitting]


def test_an_organisation_of_both_roles_subscribes_to_everything() -> None:
    caller = Caller(parties.organization(roles=[Role.OEM, Role.MO]))
    assert len(created(caller, enabledEvents=EventKind.values)["events"]) == len(EventKind)


def test_what_an_endpoint_has_stays_when_the_role_goes_but_comes_no_second_time() -> None:
    caller = Caller(parties.organization(roles=[Role.OEM, Role.MO]))
    had = ["mo.prov.cert.updated", "oem.contract.created"]
    body = created(caller, enabledEvents=had)
    participants.remove_role(actor=parties.SYSTEM, organization=caller.organization, role=Role.MO)
    path = f"{PATH}/{body['id']}"
    assert caller.put(path, {"url": URL, "enabledEvents": had}).status_code == 200
    assert caller.put(path, {"url": URL, "enabledEvents": had[1:]}).status_code == 200
    assert caller.put(path, {"url": URL, "enabledEvents": had}).status_code == 400


def test_an_organisation_has_a_bounded_number(caller: Caller, settings: Settings) -> None:
    settings.WEBHOOK_ENDPOINTS_MAX = 2
    first = created(caller)
    created(caller)
    assert caller.post(PATH, BODY).status_code == 409
    caller.delete(f"{PATH}/{first['id']}")
    created(caller)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_webhooks_of_its_own_and_sees_no_other(role: Role) -> None:
    one, two = (Caller(parties.organization(roles=[role])) for _ in range(2))
    own, foreign = (created(caller, enabledEvents=["root.cert.added"]) for caller in (one, two))
    assert [row["id"] for row in one.get(PATH).json()] == [own["id"]]
    for known in (foreign["id"], "00000000-0000-4000-8000-000000000000", "x"):
        path = f"{PATH}/{known}"
        answers = (
            one.get(path),
            one.put(path, {"url": URL}),
            one.delete(path),
            one.post(f"{path}/test", {}),
            one.get(f"{path}/deliveries"),
            one.post(f"{path}/deliveries/{known}/redeliver", {}),
        )
        assert {answer.status_code for answer in answers} == {404}
        assert "secret" not in b"".join(answer.content for answer in answers).decode()
    assert WebhookEndpoint.objects.filter(state="enabled").count() == 2


def test_without_a_token_nothing_is_said(client: Any) -> None:
    for path in (PATH, f"{PATH}/x", f"{PATH}/x/deliveries"):
        assert client.get(path).status_code == 401
    assert client.post(PATH, BODY, content_type="application/json").status_code == 401


def test_changes_are_audited_without_secret_or_path(caller: Caller) -> None:
    body = created(caller, url="https://hooks.example.com/token-in-path")
    caller.put(f"{PATH}/{body['id']}", {"url": URL})
    caller.delete(f"{PATH}/{body['id']}")
    events = AuditEvent.objects.filter(target_id=body["id"]).order_by("id")
    assert [event.action for event in events] == [
        "events.create_webhook",
        "events.update_webhook",
        "events.delete_webhook",
    ]
    assert events[0].detail["host"] == "hooks.example.com"
    assert "token-in-path" not in str([event.detail for event in events])


def test_a_test_event_is_sent_and_its_delivery_shown(trade: Trade, receiver: Receiver) -> None:
    caller = Caller(trade.oem)
    endpoint = created(caller, url=receiver.url())
    asked = caller.post(f"{PATH}/{endpoint['id']}/test", {})
    assert asked.status_code == 202
    assert caller.post(f"{PATH}/{endpoint['id']}/test", {}).status_code == 409
    work()
    assert receiver.kinds == ["webhook.test"]
    assert receiver.received[0].is_signed_with(endpoint["secret"].encode())
    (shown,) = caller.get(f"{PATH}/{endpoint['id']}/deliveries").json()["deliveries"]
    assert (shown["id"], shown["eventType"]) == (asked.json()["id"], "webhook.test")
    assert (shown["status"], shown["attemptCount"]) == ("delivered", 1)
    assert shown["attempts"][0]["statusCode"] == 200


def test_a_waiting_delivery_is_sent_at_once_and_a_settled_one_again(
    trade: Trade, receiver: Receiver
) -> None:
    caller = Caller(trade.oem)
    endpoint = created(caller, url=receiver.url())
    deliveries = f"{PATH}/{endpoint['id']}/deliveries"
    receiver.answer = lambda request: 503
    trade.contract()
    work()
    (waiting,) = caller.get(deliveries).json()["deliveries"]
    receiver.answer = lambda request: 200
    redelivered = caller.post(f"{deliveries}/{waiting['id']}/redeliver", {})
    assert (redelivered.status_code, redelivered.json()["id"]) == (202, waiting["id"])
    work()
    again = caller.post(f"{deliveries}/{waiting['id']}/redeliver", {}).json()
    assert again["id"] != waiting["id"]
    assert caller.post(f"{deliveries}/{waiting['id']}/redeliver", {}).status_code == 409
    work()
    sent = {request.envelope["eventId"] for request in receiver.received}
    assert (len(receiver.received), sent) == (3, {waiting["eventId"]})
    shown = caller.get(deliveries, {"limit": "1"}).json()["deliveries"]
    assert [row["id"] for row in shown] == [again["id"]]
    assert caller.get(deliveries, {"limit": "x"}).status_code == 400
    assert trade.told_to_mo().count("mo.contract.created.sent.to.oem") == 1


def test_a_disabled_endpoint_is_neither_tried_nor_redelivered_to(caller: Caller) -> None:
    endpoint = created(caller, status="disabled")
    assert caller.post(f"{PATH}/{endpoint['id']}/test", {}).status_code == 409


def test_a_viewer_reads_no_secret_and_changes_nothing() -> None:
    organization = parties.organization()
    editor = parties.person(organization=organization)
    viewer = parties.person(organization=organization, right=Right.VIEWER)
    endpoint = services.create_endpoint(actor=editor, url=URL, events=[EventKind.ROOT_ADDED])
    assert list(selectors.endpoints(viewer=viewer)) == [endpoint]
    assert selectors.secret(viewer=viewer, endpoint=endpoint) is None
    assert selectors.secret(viewer=editor, endpoint=endpoint)
    with pytest.raises(Forbidden):
        services.create_endpoint(actor=viewer, url=URL, events=[EventKind.ROOT_ADDED])
    with pytest.raises(Forbidden):
        services.update_endpoint(actor=viewer, endpoint=endpoint, url=URL)
    with pytest.raises(Forbidden):
        services.send_test(actor=viewer, endpoint=endpoint)
    with pytest.raises(Forbidden):
        services.delete_endpoint(actor=viewer, endpoint=endpoint)


def test_of_an_event_for_all_each_party_sees_its_own_deliveries(
    trade: Trade, receiver: Receiver
) -> None:
    for actor in (trade.oem_actor, trade.mo_actor):
        subscribe(actor, receiver, EventKind.ROOT_ADDED)
    event = services.emit(kind=EventKind.ROOT_ADDED, payload={})
    work()

    def seen_by(viewer: Actor) -> set[int]:
        found = selectors.deliveries_of_event(viewer=viewer, event=event)
        return {delivery.endpoint.organization_id for delivery in found}

    assert seen_by(trade.oem_actor) == {trade.oem.pk}
    assert seen_by(trade.mo_actor) == {trade.mo.pk}
    operator = parties.organization(roles=[Role.OPERATOR])
    assert seen_by(parties.actor(organization=operator)) == {trade.oem.pk, trade.mo.pk}
