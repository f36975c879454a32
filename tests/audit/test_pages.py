"""The audit trail in the portal: filters, export whole, and the chain checked on a button."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from apps.audit import services
from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right
from apps.participants.selectors import actor_of, actor_of_member
from tests.audit.tampering import behind_our_back
from tests.factories import parties, trust
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

VERIFY, EXPORT = "/audit/verify/", "/audit/export.jsonl"


@pytest.fixture
def operator(db: None) -> Party:
    organization = trust.operator()
    user = parties.member(organization=organization, right=Right.VIEWER)
    return Party(organization, user)


@pytest.fixture
def oem(operator: Party) -> Party:
    organization = parties.organization(wmis=["WVW"])
    return Party(organization, parties.member(organization=organization, right=Right.ADMIN))


def lines(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(EXPORT + query)
    assert answer.status_code == 200
    sent = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a streaming answer
    return [json.loads(line) for line in sent.decode().splitlines()]


def test_a_chain_that_holds_is_said_to_hold(operator: Party, browser: Browser) -> None:
    services.seal_new()
    client = browser(operator)
    assert VERIFY in client.get("/audit/").content.decode()
    assert "The chain holds" not in client.get(VERIFY).content.decode()
    assert "The chain holds: 1 seal checked" in client.post(VERIFY).content.decode()


def test_the_first_broken_link_is_named(operator: Party, browser: Browser) -> None:
    parties.organization(wmis=["WBA"])
    services.seal_new()
    event = AuditEvent.objects.order_by("id")[0]
    behind_our_back("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", event.pk)
    page = browser(operator).post(VERIFY).content.decode()
    assert f"The first broken link is seal 1, event {event.pk}:" in page


def test_only_the_newest_seals_are_checked_by_a_press(operator: Party) -> None:
    for _ in range(3):
        parties.organization()
        services.seal_new()
    behind_our_back("UPDATE audit_auditseal SET events = 99 WHERE number = 1")
    assert services.verify_newest(seals=2) == ([], 2)
    found, checked = services.verify_newest(seals=3)
    assert (found[0].where, checked) == ("seal 1", 3)


def test_the_chain_is_the_operators_to_check(oem: Party, browser: Browser) -> None:
    client = browser(oem)
    assert client.get(VERIFY).status_code == client.post(VERIFY).status_code == 403
    assert f'href="{VERIFY}"' not in client.get("/audit/").content.decode()


def test_the_export_holds_what_the_reader_may_see_and_the_filters_leave(
    operator: Party, oem: Party, browser: Browser
) -> None:
    everything = lines(browser(operator))
    assert len(everything) == AuditEvent.objects.count()
    assert {"id", "at", "action", "detail", "mac"} <= everything[0].keys()
    assigned = lines(browser(operator), "?action=participants.assign_identifier")
    assert [one["detail"]["value"] for one in assigned] == ["WVW"]
    assert lines(browser(oem)) == []
    assert lines(browser(operator), "?by=client") == []


def test_a_list_without_such_an_export_has_none(operator: Party, browser: Browser) -> None:
    assert browser(operator).get("/organizations/export.jsonl").status_code == 404


def test_events_are_found_by_the_beginning_of_a_name(operator: Party, browser: Browser) -> None:
    organization = parties.organization(name="Rollwerk AG", wmis=["WVW"])
    backend = parties.client(organization=organization, name="Pool importer")[0]
    event = services.record(
        actor=actor_of(backend), action="tests.act", target_type="thing", target_id="7"
    )
    client = browser(operator)
    named = lines(client, "?q=Pool+imp")
    assert [one["id"] for one in named] == [str(event.uuid)]
    assert lines(client, "?q=importer") == []


def test_events_are_found_by_a_person_or_client_whatever_they_were_called(
    operator: Party, browser: Browser
) -> None:
    organization = parties.organization(name="Rollwerk AG", wmis=["WVW"])
    user = parties.member(organization=organization, name="Ada First", email="ada@rollwerk.example")
    other = parties.member(organization=organization, name="Ada Other")
    backend = parties.client(organization=organization, name="Importer")[0]
    mine = _acted(actor_of_member(user=user, organization=organization))
    user.name = "Ada Second"
    user.save()
    theirs = _acted(actor_of_member(user=other, organization=organization))
    by_client = _acted(actor_of(backend))
    client = browser(operator)
    assert client.get("/audit/?who=%00").status_code == 200
    for who, expected in (
        ("ada@rollwerk.example", [mine]),
        ("ADA@rollwerk.example", [mine]),
        (backend.client_id, [by_client]),
        ("Ada", [theirs, mine]),
        ("nobody", []),
    ):
        found = [one["id"] for one in lines(client, f"?who={who}")]
        assert found == expected, who


def test_who_may_be_chosen_are_the_own_people_and_clients_first(
    operator: Party, oem: Party, browser: Browser
) -> None:
    parties.client(organization=oem.organization, name="Importer")
    page = browser(oem).get("/audit/").content.decode()
    assert f'<option value="{oem.user.email}">' in page
    assert "Importer</option>" in page
    assert operator.user.email not in page
    everybody = browser(operator).get("/audit/").content.decode()
    assert everybody.index(f'<option value="{operator.user.email}">') < everybody.index(
        f'<option value="{oem.user.email}">'
    )


def test_a_person_of_another_organisation_is_no_key_to_their_events(
    operator: Party, oem: Party, browser: Browser
) -> None:
    stranger = parties.organization(name="Rollwerk AG")
    user = parties.member(organization=stranger, email="ada@rollwerk.example")
    _acted(actor_of_member(user=user, organization=stranger))
    assert lines(browser(oem), "?who=ada@rollwerk.example") == []


def test_events_are_found_by_the_words_of_their_action_and_named_in_words(
    operator: Party, browser: Browser
) -> None:
    parties.organization(name="Rollwerk AG", wmis=["WVW"])
    client = browser(operator)
    found = lines(client, "?q=identifier+ass")
    assert [one["action"] for one in found] == ["participants.assign_identifier"]
    results = client.get("/search/?s=identifier+ass").content.decode()
    assert "Identifier assigned · WVW" in results
    assert "participants.assign_identifier" not in results
    address = re.search(r'href="(/audit/[^"]+/)"', results)
    assert address
    page = client.get(address[1]).content.decode()
    assert "Identifier assigned" in page
    assert "Organisation" in page


def _acted(actor: Actor) -> str:
    event = services.record(actor=actor, action="tests.act", target_type="thing", target_id="7")
    return str(event.uuid)


def test_an_export_is_only_read(operator: Party, browser: Browser) -> None:
    assert browser(operator).post(EXPORT).status_code == 403
