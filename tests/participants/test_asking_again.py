"""What decides who may do what: the second factor is asked again before it."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib import admin
from django.core.cache import cache
from django.test import Client

from apps.core.actor import Right
from apps.core.web.admin import ScopedAdmin
from apps.core.web.making import Making
from apps.participants.models import ApiClient, Member, Organization, User, Wmi
from tests.factories import parties, second_factor, trust
from tests.factories.second_factor import App
from tests.portal.world import PASSWORD

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, 0, 1, tzinfo=UTC)
LOST = "Nothing of what you typed is lost"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    cache.clear()


@pytest.fixture
def person() -> User:
    return parties.member(
        organization=trust.operator(), right=Right.ADMIN, password=PASSWORD, email="o@op.example"
    )


@pytest.fixture
def app(person: User) -> App:
    return second_factor.app(person)


@pytest.fixture
def inside(client: Client, person: User, app: App) -> Client:
    """The operator's administrator, logged in with the second factor an hour before noon."""
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        client.post("/login/", {"username": person.email, "password": PASSWORD})
        client.post("/login/second-factor/", {"code": app.code()})
    return client


@pytest.fixture
def party() -> Organization:
    return parties.organization(name="Rollwerk AG", wmis=["WVW"])


def press(client: Client, app: App, path: str, typed: dict[str, Any]) -> str:
    """Press a button that comes too late, then go on with the code; return the page after it."""
    with time_machine.travel(NOON, tick=False):
        opened = client.get(path)
        assert opened.headers["Location"] == f"/account/confirm/?next={path}"
        asked = client.post(path, typed)
        assert asked.status_code == 403
        page = asked.content.decode()
        assert LOST in page
        kept = re.findall(r'name="([\w-]+)" value="([^"]*)"', page)
        form = {name: html.unescape(value) for name, value in kept}
        assert {name for name in typed if typed[name]} <= form.keys()
        done = client.post(path, {**form, "confirm-code": app.code()}, follow=True)
        assert done.status_code == 200
        return done.content.decode()


def test_an_api_client_is_created_after_the_code(
    inside: Client, app: App, party: Organization
) -> None:
    typed = {
        "once": str(uuid4()),
        "name": "Importer",
        "roles": "OEM",
        "organization": str(party.uuid),
    }
    path, before = "/api-clients/create/", ApiClient.objects.count()
    with time_machine.travel(NOON, tick=False):
        inside.post(path, typed)
    assert ApiClient.objects.count() == before
    assert "Secret of" in press(inside, app, path, typed)
    assert ApiClient.objects.get(name="Importer").organization == party


def test_a_member_is_invited_after_the_code(inside: Client, app: App, party: Organization) -> None:
    typed = {
        "once": str(uuid4()),
        "email": "new@oem.example",
        "name": "Nina",
        "right": "editor",
        "organization": str(party.uuid),
    }
    path = "/members/invite/"
    with time_machine.travel(NOON, tick=False):
        inside.post(path, typed)
    assert not User.objects.filter(email="new@oem.example").exists()
    assert "Invitation of" in press(inside, app, path, typed)
    assert Member.objects.get(user__email="new@oem.example").organization == party


def test_an_organisation_is_deactivated_after_the_code(
    inside: Client, app: App, party: Organization
) -> None:
    path = f"/organizations/{party.uuid}/deactivate/"
    typed = {"typed": party.name}
    with time_machine.travel(NOON, tick=False):
        inside.post(path, typed)
    party.refresh_from_db()
    assert party.active
    press(inside, app, path, typed)
    party.refresh_from_db()
    assert not party.active


def test_an_identifier_is_assigned_after_the_code(
    inside: Client, app: App, party: Organization
) -> None:
    path = f"/organizations/{party.uuid}/assign/"
    press(inside, app, path, {"kind": "wmi", "value": "WAU"})
    assert Wmi.objects.get(value="WAU").organization == party


@pytest.mark.parametrize("model", [Organization, ApiClient, Member])
def test_all_that_is_done_with_parties_people_and_clients_asks_again(model: Any) -> None:
    found = admin.site._registry[model]
    assert isinstance(found, ScopedAdmin)
    assert isinstance(found, Making)
    of_rows = [one.key for one in found.action_pages if not one.fresh]
    of_lists = [one.key for one in found.making_pages if not one.fresh]
    assert of_rows + of_lists == []
