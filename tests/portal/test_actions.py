"""Action pages keep the rules of the house: right, ownership, token, typed confirmation."""

import pytest
from django.contrib import admin
from django.test import Client

from apps.contract_pool.models import Contract
from apps.core.actor import Right, system
from apps.core.web.actions import ActionPage
from tests.factories import contracts, parties, snapshots, trust
from tests.portal.actions import (
    CASES,
    CONFIRMED,
    OPERATORS_ONLY,
    POOLS,
    REASONED,
    UNKNOWN,
    Case,
    address_of,
    page_of,
    person_of,
    state,
)
from tests.portal.conftest import Browser


@pytest.fixture
def world(db: None) -> contracts.World:
    """A vehicle with one contract that our MO CA issued a certificate for."""
    return _concluded()


@snapshots.kept
def _concluded() -> contracts.World:
    made = contracts.world()
    made.generate()
    return made


@pytest.fixture(params=sorted(CASES))
def case(world: contracts.World, request: pytest.FixtureRequest) -> Case:
    return CASES[request.param](world)


def test_every_registered_action_page_has_a_case() -> None:
    """Those of the operator alone have tests of their own."""
    keys = {
        action.key
        for found in admin.site._registry.values()
        for action in getattr(found, "action_pages", ())
    }
    assert keys == {*CASES, "ask-removal", "refuse", "take-out", "keep-it"}


def test_the_page_asks_first_and_changes_nothing(case: Case, browser: Browser) -> None:
    client, before = browser(person_of(case.owner, case.right)), state()
    assert case.address in client.get(page_of(case.row)).content.decode()
    answer = client.get(case.address)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert ('name="typed"' in page) == case.confirmed
    assert f'href="{page_of(case.row)}"' in page
    assert client.put(case.address).status_code == 405
    assert state() == before


def test_a_viewer_sees_no_button_and_is_refused(case: Case, browser: Browser) -> None:
    client, before = browser(person_of(case.owner, Right.VIEWER)), state()
    shown = client.get(page_of(case.row))
    assert shown.status_code == 200
    assert case.address not in shown.content.decode()
    assert client.get(case.address).status_code == 403
    assert client.post(case.address, case.fields).status_code == 403
    assert state() == before


def test_another_party_of_the_role_cannot_tell_a_foreign_row_from_an_unknown_one(
    case: Case, browser: Browser
) -> None:
    other = parties.organization(wmis=["WBX"], provider_ids=["DEXXX"])
    client, before = browser(person_of(other, Right.ADMIN)), state()
    unknown = f"{address_of(case.row, UNKNOWN[type(case.row)])}{case.key}/"
    for ask in (client.get, lambda at: client.post(at, case.fields)):
        foreign, missing = ask(case.address), ask(unknown)
        refused = 403 if case.key in OPERATORS_ONLY else 404
        assert foreign.status_code == missing.status_code == refused
        assert foreign.content == missing.content
    assert state() == before


def test_other_roles_and_strangers_are_kept_out(case: Case, browser: Browser) -> None:
    cpo = browser(person_of(parties.organization(operator_ids=["DEQQQ"]), Right.ADMIN))
    before = state()
    assert cpo.post(case.address, case.fields).status_code in {403, 404}
    stranger = Client().post(case.address, case.fields)
    assert stranger.headers["Location"].startswith("/login/")
    assert state() == before


@pytest.mark.one_database
def test_a_press_without_its_token_is_refused(case: Case) -> None:
    user = person_of(case.owner, case.right).user
    client, before = Client(enforce_csrf_checks=True), state()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(case.address, case.fields).status_code == 403
    assert state() == before


@pytest.mark.parametrize("name", CONFIRMED)
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("WVW12345", "This does not match. Type it as it stands above."),
        ("", "Type it to confirm."),
        ("A" * 201, "at most 200 characters"),
    ],
)
def test_other_words_than_the_expected_ones_stay_in_their_field(
    world: contracts.World, browser: Browser, name: str, typed: str, sentence: str
) -> None:
    case = CASES[name](world)
    client, before = browser(person_of(case.owner, case.right)), state()
    answer = client.post(case.address, case.fields | {"typed": typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page[page.index('id="id_typed"') :]
    assert case.fields.get("reason", "") in page
    assert state() == before


@pytest.mark.parametrize("name", REASONED)
def test_a_reason_is_asked_for(world: contracts.World, browser: Browser, name: str) -> None:
    case = CASES[name](world)
    client, before = browser(person_of(case.owner, case.right)), state()
    answer = client.post(case.address, case.fields | {"reason": ""})
    assert answer.status_code == 422
    assert state() == before


def test_the_operator_looks_at_contracts_and_vehicles_but_ends_none(
    world: contracts.World, browser: Browser
) -> None:
    client = browser(person_of(trust.operator(), Right.ADMIN))
    cases = [CASES[name](world) for name in POOLS]
    before = state()
    for case in cases:
        shown = client.get(page_of(case.row))
        assert shown.status_code == 200
        assert case.address not in shown.content.decode()
        assert client.post(case.address, case.fields).status_code == 403
    assert state() == before
    vehicle = client.get(page_of(world.vehicle.row)).content.decode()
    assert f'href="{page_of(Contract.objects.get())}"' in vehicle


def test_an_action_page_is_closed_until_it_says_for_whom() -> None:
    with pytest.raises(NotImplementedError):
        ActionPage().may(None, system("nobody"))
