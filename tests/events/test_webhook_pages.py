"""Webhooks in the portal: who sees what of them, and what is done with them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.core import queue
from apps.core.actor import Right
from apps.events import secrets, services
from apps.events.models import (
    EventKind,
    OutboxEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookLane,
)
from apps.participants import selectors
from tests.factories import parties, trust
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

REGISTER = "/webhooks/register/"
URL = "https://hooks.example.com/a-secret-path"
State = WebhookDelivery.State


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_send", lambda task, args: None)


@pytest.fixture
def editor(db: None) -> Party:
    organization = parties.organization(wmis=["WVW"], name="Car maker")
    return Party(organization, parties.member(organization=organization))


def typed(**changes: Any) -> dict[str, Any]:
    kinds = ["oem.contract.created", "root.cert.added"]
    return {"once": str(uuid4()), "url": URL, "events": kinds, "description": "Ours", **changes}


def registered(party: Party) -> WebhookEndpoint:
    actor = selectors.actor_of_member(user=party.user, organization=party.organization)
    kinds = [EventKind.OEM_CONTRACT_CREATED]
    return services.create_endpoint(actor=actor, url=URL, events=kinds)


def given_up(endpoint: WebhookEndpoint, note: str = "") -> WebhookDelivery:
    event = OutboxEvent.objects.create(
        kind="oem.contract.created",
        organization=endpoint.organization,
        lane="WVW12345678901234",
        fanned_out_at=timezone.now(),
    )
    made = WebhookDelivery.objects.create(
        endpoint=endpoint,
        event=event,
        lane=event.lane,
        state=State.FAILED,
        attempt_count=1,
        created_at=timezone.now(),
        settled_at=timezone.now(),
    )
    WebhookAttempt.objects.create(
        delivery=made, number=1, at=timezone.now(), milliseconds=1234, status_code=503, note=note
    )
    return made


def page_of(row: WebhookEndpoint | WebhookDelivery) -> str:
    folder = "webhooks" if isinstance(row, WebhookEndpoint) else "webhook-deliveries"
    return f"/{folder}/{row.uuid}/"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_registered_webhook_leads_to_its_page(editor: Party, browser: Browser) -> None:
    client = browser(editor)
    assert REGISTER in text(client, "/webhooks/")
    assert "There is a contract for a vehicle of yours." in text(client, REGISTER)
    answer = client.post(REGISTER, typed(), follow=True)
    found = WebhookEndpoint.objects.get()
    assert answer.redirect_chain == [(page_of(found), 302)]
    assert found.events == ["oem.contract.created", "root.cert.added"]
    assert (found.url, found.organization) == (URL, editor.organization)


def test_a_second_press_of_the_form_registers_nothing_more(editor: Party, browser: Browser) -> None:
    client, form = browser(editor), typed()
    first, second = client.post(REGISTER, form), client.post(REGISTER, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert WebhookEndpoint.objects.count() == 1


def test_the_form_of_another_organisation_gives_nothing_away(
    editor: Party, browser: Browser
) -> None:
    foreign = registered(editor)
    other = parties.organization(wmis=["WBA"])
    person = Party(other, parties.member(organization=other))
    answer = browser(person).post(REGISTER, typed(once=str(foreign.uuid)))
    assert answer.status_code == 409
    assert foreign.host not in answer.content.decode().replace(URL, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://hooks.example.com/"}, "must be an https URL"),
        ({"url": "https://127.0.0.1/"}, "public host"),
        ({"url": ""}, "Type the URL of your receiver."),
        ({"events": []}, "Choose one event at least."),
        ({"events": ["mo.contract.queued.to.oem"]}, "mo.contract.queued.to.oem"),
    ],
)
def test_what_does_not_fit_stays_in_the_form(
    editor: Party, browser: Browser, changes: dict[str, Any], sentence: str
) -> None:
    answer = browser(editor).post(REGISTER, typed(**changes))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert 'value="Ours"' in page
    assert not WebhookEndpoint.objects.exists()


def test_who_may_only_look_registers_nothing_and_sees_no_secret(
    editor: Party, browser: Browser
) -> None:
    found = registered(editor)
    user = parties.member(organization=editor.organization, right=Right.VIEWER)
    client = browser(Party(editor.organization, user))
    assert REGISTER not in text(client, "/webhooks/")
    assert client.get(REGISTER).status_code == client.post(REGISTER, typed()).status_code == 403
    assert secrets.open_(found).decode() not in text(client, page_of(found))


def test_the_operator_knows_the_host_of_a_foreign_webhook_and_no_more(
    editor: Party, browser: Browser
) -> None:
    found = registered(editor)
    delivery = given_up(found, "ConnectError while calling hooks.example.com/a-secret-path")
    operator = trust.operator()
    user = parties.member(organization=operator, right=Right.ADMIN)
    client = browser(Party(operator, user))
    pages = [text(client, one) for one in ("/webhooks/", page_of(found), page_of(delivery))]
    for page in pages:
        assert "hooks.example.com" in page
        assert "a-secret-path" not in page
        assert secrets.open_(found).decode() not in page
    exported = b"".join(client.get("/webhooks/export.csv").streaming_content)  # type: ignore[attr-defined]
    assert b"a-secret-path" not in exported


def test_a_change_keeps_what_is_not_changed(editor: Party, browser: Browser) -> None:
    found = registered(editor)
    client, address = browser(editor), f"{page_of(found)}edit/"
    page = text(client, address)
    assert URL in page
    assert page.count("checked") == 2
    answer = client.post(address, {"url": URL, "events": ["root.cert.added"]})
    assert answer.status_code == 302
    found.refresh_from_db()
    assert (found.state, found.events) == ("disabled", ["root.cert.added"])
    assert f"{page_of(found)}test/" not in text(client, page_of(found))


def test_a_new_secret_replaces_the_old_one_and_stands_in_no_message(
    editor: Party, browser: Browser
) -> None:
    found = registered(editor)
    before = secrets.open_(found).decode()
    answer = browser(editor).post(f"{page_of(found)}roll-secret/", follow=True)
    found.refresh_from_db()
    after = secrets.open_(found).decode()
    page = answer.content.decode()
    assert before != after
    assert before not in page
    assert page.index(after) > page.index('id="panel-secret"')


def test_a_test_event_waits_to_be_sent_once(editor: Party, browser: Browser) -> None:
    found = registered(editor)
    client, address = browser(editor), f"{page_of(found)}test/"
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert [one.state for one in WebhookDelivery.objects.all()] == [State.WAITING]


def test_a_deleted_webhook_is_gone_with_its_secret(editor: Party, browser: Browser) -> None:
    found = registered(editor)
    client = browser(editor)
    answer = client.post(f"{page_of(found)}delete/", {"typed": "hooks.example.com"})
    assert answer.headers["Location"] == "/webhooks/"
    assert client.get(page_of(found)).status_code == 404
    found.refresh_from_db()
    assert bytes(found.sealed) == b""


def test_an_attempt_shows_what_the_receiver_said_as_text(editor: Party, browser: Browser) -> None:
    said = "<script>alert(1)</script> {{7*7}}"
    delivery = given_up(registered(editor), said)
    page = text(browser(editor), page_of(delivery))
    assert "1,234 ms" in page
    assert "503" in page
    assert "It was given up after 1 attempt." in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_delivery_that_waits_says_when_it_is_tried_again(editor: Party, browser: Browser) -> None:
    delivery = given_up(registered(editor))
    WebhookDelivery.objects.update(state=State.WAITING, settled_at=None)
    due = timezone.now() + timedelta(minutes=40, seconds=30)
    WebhookLane.objects.create(endpoint=delivery.endpoint, lane=delivery.lane, due_at=due)
    page = text(browser(editor), page_of(delivery))
    assert "The next attempt is due in 40 minutes." in page
    assert "Waiting for another attempt" in page


def test_what_is_sent_again_is_a_second_delivery(editor: Party, browser: Browser) -> None:
    delivery = given_up(registered(editor))
    client, address = browser(editor), f"{page_of(delivery)}redeliver/"
    assert client.post(address).status_code == 302
    assert list(WebhookDelivery.objects.order_by("pk").values_list("state", "again")) == [
        ("failed", False),
        ("waiting", True),
    ]
    assert client.post(address).status_code == 409
