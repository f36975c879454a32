"""Logging in: members of an organisation, nobody else."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.participants import membership
from tests.factories import parties
from tests.portal.world import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(reverse("admin:login"), {"username": email, "password": password})


def test_a_stranger_is_sent_to_the_log_in_page(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/?next=/"


@pytest.mark.parametrize("role", list(Role))
def test_a_member_of_each_role_gets_in_and_sees_the_organisation(
    client: Client, role: Role
) -> None:
    organization = parties.organization(name=f"Party {role}", roles=[role])
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    answer = log_in(client, "A@Party.example")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert f"Party {role}" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("email", "password"),
    [("a@party.example", "wrong password"), ("b@party.example", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    client: Client, email: str, password: str
) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    answer = log_in(client, email, password)
    assert answer.status_code == 200
    assert "E-mail or password is wrong." in answer.content.decode()
    assert client.get("/").status_code == 302


def test_guessing_ends_after_ten_attempts_in_a_minute(client: Client) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    with time_machine.travel(datetime(2026, 5, 4, 10, 0, 1, tzinfo=UTC), tick=False):
        for _ in range(10):
            log_in(client, "a@party.example", "wrong password")
        refused = log_in(client, "a@party.example")
        assert "Too many requests. Please wait a minute." in refused.content.decode()
    with time_machine.travel(datetime(2026, 5, 4, 10, 1, 1, tzinfo=UTC), tick=False):
        assert log_in(client, "a@party.example").status_code == 302


def test_a_person_without_an_organisation_is_told_so(client: Client) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    membership.set_right(user, organization, None)
    answer = log_in(client, "a@party.example")
    assert "belongs to no organisation" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_the_membership_is_read_at_every_request(client: Client) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    assert client.get("/").status_code == 200
    membership.set_right(user, organization, None)
    assert client.get("/").status_code == 302


def test_an_inactive_organisation_locks_its_people_out(client: Client) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    organization.active = False
    organization.save()
    assert client.get("/").status_code == 302


def test_logging_out_ends_at_the_log_in_page(client: Client) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    answer = client.post(reverse("admin:logout"))
    assert answer.headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_a_person_of_two_organisations_switches_between_them(client: Client) -> None:
    first = parties.organization(name="Alpha")
    second = parties.organization(name="Beta")
    user = parties.member(organization=first, email="a@party.example", password=PASSWORD)
    membership.set_right(user, second, Right.VIEWER)
    log_in(client, "a@party.example")
    assert '<h2 class="pp-head__title">Alpha</h2>' in client.get("/").content.decode()
    answer = client.post(f"/switch/?to={second.uuid}")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")
    assert '<h2 class="pp-head__title">Beta</h2>' in client.get("/").content.decode()


def test_nobody_switches_to_an_organisation_that_is_not_the_persons(client: Client) -> None:
    own, foreign = parties.organization(), parties.organization()
    parties.member(organization=own, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    assert client.post(f"/switch/?to={foreign.uuid}").status_code == 403
    assert client.get(f"/switch/?to={own.uuid}").status_code == 405


def test_a_session_that_names_a_foreign_organisation_changes_nothing(client: Client) -> None:
    own, foreign = parties.organization(name="Alpha"), parties.organization(name="Beta")
    parties.member(organization=own, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    session = client.session
    session["organization"] = str(foreign.uuid)
    session.save()
    page = client.get("/").content.decode()
    assert "Alpha" in page
    assert "Beta" not in page


def test_the_session_that_was_there_before_is_not_the_one_that_is_logged_in(
    client: Client,
) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    session = client.session
    session["planted"] = "before"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted or ""
    log_in(client, "a@party.example")
    assert client.session.session_key not in {None, planted}
    assert "planted" not in client.session
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/roots/?state=trusted", "/roots/?state=trusted"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http:evil.example", "/"),
    ],
)
def test_a_log_in_leads_to_pages_of_this_site_only(client: Client, wanted: str, leads: str) -> None:
    organization = parties.organization()
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    fields = {"username": "a@party.example", "password": PASSWORD}
    answer = client.post(f"/login/?{urlencode({'next': wanted})}", fields)
    assert answer.headers["Location"] == leads


def test_log_ins_and_refused_ones_are_recorded_without_what_was_typed(client: Client) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example", "typed secret")
    log_in(client, "typed secret@party.example", "x")
    log_in(client, "nobody@party.example", "x")
    log_in(client, "a@party.example")
    found = AuditEvent.objects.filter(action="portal.log_in").order_by("id")
    assert [(row.actor_label, row.result) for row in found] == [
        (str(user), "refused"),
        ("Unknown person", "refused"),
        ("Unknown person", "refused"),
        (str(user), "ok"),
    ]
    kept = str(list(found.values()))
    assert "typed secret" not in kept
    assert "nobody@party.example" not in kept
    assert found[3].organization_id == organization.pk


def test_a_page_in_german_is_asked_for_by_the_browser_or_the_person(client: Client) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    german = client.get("/login/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert 'lang="de"' in german.content.decode()
    answer = client.post("/language/", {"language": "de", "next": "/login/"})
    assert answer.headers["Location"] == "/login/"
    assert 'lang="de"' in client.get("/login/").content.decode()
    log_in(client, "a@party.example")
    client.post("/language/", {"language": "en", "next": "//evil.example/"})
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "de"}).content.decode()
    user.refresh_from_db()
    assert user.language == "en"


def test_who_changes_the_language_inside_stays_on_the_page_and_finds_it_again(
    client: Client,
) -> None:
    organization = parties.organization(roles=[Role.MO])
    parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    page = client.get("/contracts/").content.decode()
    assert 'lang="en"' in page
    assert 'action="/language/"' in page
    answer = client.post("/language/", {"language": "de", "next": "/contracts/?state=running"})
    assert answer.headers["Location"] == "/contracts/?state=running"
    for address, heading in (("/contracts/", "Verträge"), ("/", "Mobilitätsanbieter")):
        page = client.get(address).content.decode()
        assert 'lang="de"' in page
        assert heading in page
    client.post("/logout/")
    elsewhere = Client(headers={"Accept-Language": "en"})
    log_in(elsewhere, "a@party.example")
    assert 'lang="de"' in elsewhere.get("/").content.decode()


def test_the_language_of_a_page_does_not_reach_the_next_request_of_a_machine(
    client: Client,
) -> None:
    client.get("/login/", headers={"Accept-Language": "de"})
    assert translation.get_language() == "en"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    log_in(client, "a@party.example")
    client.post("/language/", {"language": "xx", "next": "/"})
    user.refresh_from_db()
    assert user.language == ""
    assert client.get("/language/").status_code == 405


@pytest.mark.parametrize(("zone", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("Mars/x", "")])
def test_the_browsers_time_zone_is_kept_at_the_first_log_in(
    client: Client, zone: str, kept: str
) -> None:
    organization = parties.organization()
    user = parties.member(organization=organization, email="a@party.example", password=PASSWORD)
    fields = {"username": "a@party.example", "password": PASSWORD}
    client.post("/login/", {**fields, "zone": zone})
    user.refresh_from_db()
    assert user.time_zone == kept
    client.post("/logout/")
    client.post("/login/", {**fields, "zone": "Asia/Tokyo"})
    user.refresh_from_db()
    assert user.time_zone == (kept or "Asia/Tokyo")
