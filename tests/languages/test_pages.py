"""German pages hold no English; the person's language wins; files for machines stay as they are."""

import re

import pytest
from django.test import Client

from apps.core.actor import Right
from apps.participants.models import User
from tests.languages import catalogue
from tests.languages.pages import Page, walk
from tests.portal.actions import person_of
from tests.portal.conftest import Browser, browser, ecosystem  # noqa: F401  fixtures
from tests.portal.world import PASSWORD, World

pytestmark = pytest.mark.django_db

NAMES = {"Operator"}
"""Organisations of the tests whose name happens to be a word of the catalogue."""


@pytest.fixture(scope="module")
def english() -> set[str]:
    """Sentences without placeholders that read otherwise in German; `webhook` may be a code."""
    found = set()
    for message in catalogue.load():
        sentence = catalogue.sentence_of(message)
        text = " ".join(sentence.singular.split())
        if (
            re.search("[A-Z ]", text)
            and "%" not in text
            and catalogue.translations(message) != (sentence.singular,)
        ):
            found.add(text)
    return found - NAMES


@pytest.mark.one_database
def test_no_page_of_any_role_says_in_english_what_there_is_german_for(
    ecosystem: World,  # noqa: F811  fixture
    browser: Browser,  # noqa: F811
    english: set[str],
) -> None:
    parties = ecosystem.operator, ecosystem.oems[0], ecosystem.mos[0], ecosystem.cpos[0]
    for party in (*parties, ecosystem.cpss[0]):
        person = person_of(party.organization, Right.ADMIN)
        User.objects.filter(pk=person.user.pk).update(language="de")
        for address, markup in walk(browser(person)):
            assert '<html lang="de"' in markup, address
            assert not english & set(Page(markup).words), address


def test_the_log_in_and_the_errors_before_it_speak_the_browsers_german(
    client: Client, english: set[str]
) -> None:
    for address in ("/login/", "/login/reset/", "/there-is-no-such-page/"):
        markup = client.get(address, headers={"accept-language": "de-AT,en;q=0.5"}).content.decode()
        assert '<html lang="de"' in markup, address
        assert not english & set(Page(markup).words), address


def test_a_wrong_password_is_refused_in_german(client: Client) -> None:
    typed = {"username": "a@alpha.example", "password": PASSWORD}
    answer = client.post("/login/", typed, headers={"accept-language": "de"})
    assert "E-Mail oder Passwort ist falsch." in answer.content.decode()


def test_the_stored_language_wins_over_browser_and_cookie(
    ecosystem: World,  # noqa: F811
    browser: Browser,  # noqa: F811
) -> None:
    party = ecosystem.mos[0]
    client = browser(party)
    client.post("/language/", {"language": "en", "next": "/"})
    User.objects.filter(pk=party.user.pk).update(language="de")
    answer = client.get("/", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "de"
    assert "Vertrag abschließen" in answer.content.decode()
    client.post("/language/", {"language": "en", "next": "/"})
    assert "Conclude a contract" in client.get("/").content.decode()


def test_both_languages_are_offered_before_and_after_logging_in(
    ecosystem: World,  # noqa: F811
    browser: Browser,  # noqa: F811
    client: Client,
) -> None:
    for page in (client.get("/login/"), browser(ecosystem.oems[0]).get("/account/")):
        markup = page.content.decode()
        offered = re.findall(r'name="language"\s+value="(\w+)"', markup)
        assert {"en", "de"} <= set(offered) | set(re.findall(r'<option value="(en|de)"', markup))


def test_files_for_machines_are_the_same_in_every_language(
    ecosystem: World,  # noqa: F811
    browser: Browser,  # noqa: F811
) -> None:
    party = ecosystem.operator
    client = browser(party)
    for address in ("/vehicles/", "/contracts/", "/deliveries/", "/roots/"):
        texts = set()
        for language in ("en", "de"):
            User.objects.filter(pk=party.user.pk).update(language=language)
            answer = client.get(f"{address}export.csv")
            assert answer.status_code == 200
            texts.add(answer.getvalue())
        assert len(texts) == 1, address
