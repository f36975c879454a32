"""Logging in: members of an organisation, nobody else."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

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
