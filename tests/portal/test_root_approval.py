"""The second pair of eyes in the portal: a person trusts, rejects, asks for removal, removes."""

from typing import Any

import pytest
from django.test import Client

from apps.core.actor import Actor, Right
from apps.participants import selectors as participants
from apps.participants.models import User
from apps.root_pool import services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.portal.conftest import Browser
from tests.portal.world import Party
from v2g.pki.profiles import Branch

State = RootCertificate.State
OWN = "Another person of your organisation has to confirm."
EVERY_ACTION = ("trust", "reject", "ask-removal", "remove", "keep")


def person(right: Right = Right.EDITOR) -> Party:
    organization = trust.operator()
    return Party(organization, parties.member(organization=organization, right=right))


def actor_of(party: Party) -> Actor:
    user: User = party.user
    return participants.actor_of_member(user=user, organization=party.organization)


@pytest.fixture
def first(db: None) -> Party:
    return person()


@pytest.fixture
def second(db: None) -> Party:
    return person()


@pytest.fixture
def root(first: Party) -> RootCertificate:
    """A root that the first person submitted."""
    holder = pki.make_root(Branch.OEM, at=trust.now())
    root_type = RootCertificate.Type.OEM
    return services.submit(actor=actor_of(first), der=holder.der, root_type=root_type)


@pytest.fixture
def trusted(root: RootCertificate) -> RootCertificate:
    return services.confirm(actor=trust.operator_person(), root=root, fingerprint=typed(root))


@pytest.fixture
def leaving(trusted: RootCertificate, first: Party) -> RootCertificate:
    """A root whose removal the first person asked for."""
    return services.ask_removal(actor=actor_of(first), root=trusted)


def typed(root: RootCertificate) -> str:
    return bytes(root.fingerprint).hex(":").upper()


def address(root: RootCertificate, key: str = "") -> str:
    return f"/roots/{root.uuid}/{key}{'/' if key else ''}"


def state_of(root: RootCertificate) -> str:
    return RootCertificate.objects.get(pk=root.pk).state


def press(client: Client, root: RootCertificate, key: str, **fields: str) -> Any:
    return client.post(address(root, key), fields)


def test_the_second_person_trusts_a_root_by_its_fingerprint(
    root: RootCertificate, second: Party, browser: Browser
) -> None:
    client = browser(second)
    page = client.get(address(root)).content.decode()
    assert "Second pair of eyes" in page
    assert root.submitted_by_label in page
    spaced = " " + typed(root).lower().replace(":", " ", 9)
    answer = press(client, root, "trust", fingerprint=spaced)
    assert (answer.status_code, answer.headers["Location"]) == (302, address(root))
    found = RootCertificate.objects.get(pk=root.pk)
    assert (found.state, found.confirmed_by) == (State.TRUSTED, f"person:{second.user.pk}")
    after = client.get(address(root)).content.decode()
    assert f"{root} is trusted. From now on" in after
    assert "Second pair of eyes" not in after


def test_the_fingerprint_cannot_be_copied_from_the_page_that_asks_for_it(
    root: RootCertificate, second: Party, browser: Browser
) -> None:
    client = browser(second)
    assert typed(root) not in client.get(address(root)).content.decode()
    press(client, root, "trust", fingerprint=typed(root))
    assert typed(root) in client.get(address(root)).content.decode()


@pytest.mark.parametrize(
    ("fingerprint", "sentence"),
    [
        ("ab:cd:ef", "The fingerprint is not that of this certificate."),
        ("", "Type the fingerprint that you received."),
        ("a" * 201, "at most 200 characters"),
    ],
)
def test_a_wrong_fingerprint_stays_in_its_field_and_changes_nothing(
    root: RootCertificate, second: Party, browser: Browser, fingerprint: str, sentence: str
) -> None:
    answer = press(browser(second), root, "trust", fingerprint=fingerprint)
    assert answer.status_code == 422
    page = answer.content.decode()
    field = page[page.index('class="pp-field"') :]
    assert sentence in field
    assert f'value="{fingerprint}"' in field or not fingerprint
    assert state_of(root) == State.SUBMITTED


def test_the_second_person_rejects_a_root(
    root: RootCertificate, second: Party, browser: Browser
) -> None:
    answer = browser(second).post(address(root, "reject"), follow=True)
    assert f"{root} was rejected." in answer.content.decode()
    assert state_of(root) == State.REJECTED


def test_who_submitted_a_root_cannot_trust_it(
    root: RootCertificate, first: Party, browser: Browser
) -> None:
    client = browser(first)
    page = client.get(address(root)).content.decode()
    assert OWN in page
    assert "Trust this root" not in page
    answer = press(client, root, "trust", fingerprint=typed(root))
    assert answer.status_code == 403
    assert "Another person must confirm what you submitted." in answer.content.decode()
    assert press(client, root, "trust").status_code == 403
    assert state_of(root) == State.SUBMITTED


def test_who_asked_for_a_removal_cannot_confirm_it_but_take_it_back(
    leaving: RootCertificate, first: Party, browser: Browser
) -> None:
    client = browser(first)
    page = client.get(address(leaving)).content.decode()
    assert OWN in page
    assert "/remove/" not in page
    assert press(client, leaving, "remove").status_code == 403
    assert state_of(leaving) == State.REMOVAL_ASKED
    assert press(client, leaving, "keep").status_code == 302
    assert state_of(leaving) == State.TRUSTED


def test_a_viewer_of_the_operator_is_offered_nothing_and_refused_everything(
    root: RootCertificate, browser: Browser
) -> None:
    client = browser(person(Right.VIEWER))
    for state in (State.SUBMITTED, State.TRUSTED, State.REMOVAL_ASKED):
        RootCertificate.objects.filter(pk=root.pk).update(state=state)
        page = client.get(address(root)).content.decode()
        assert 'method="post" action="/roots/' not in page
        assert "Ask for removal" not in page
        for key in EVERY_ACTION:
            answer = press(client, root, key, fingerprint=typed(root))
            assert answer.status_code == 403, (state, key)
            assert state_of(root) == state


def test_other_parties_cannot_touch_a_root_that_they_see_nor_find_one_that_waits(
    root: RootCertificate, browser: Browser
) -> None:
    oem = parties.organization(wmis=["WVW"])
    client = browser(Party(oem, parties.member(organization=oem, right=Right.ADMIN)))
    for key in EVERY_ACTION:
        assert press(client, root, key, fingerprint=typed(root)).status_code == 404
        assert client.get(address(root, key)).status_code == 404
    RootCertificate.objects.filter(pk=root.pk).update(state=State.TRUSTED)
    assert "Ask for removal" not in client.get(address(root)).content.decode()
    for key in EVERY_ACTION:
        assert press(client, root, key, fingerprint=typed(root)).status_code == 403
    assert state_of(root) == State.TRUSTED


def test_a_removal_is_asked_for_on_a_page_that_shows_what_hangs_on_the_root(
    trusted: RootCertificate, second: Party, browser: Browser
) -> None:
    client = browser(second)
    assert address(trusted, "ask-removal") in client.get(address(trusted)).content.decode()
    page = client.get(address(trusted, "ask-removal")).content.decode()
    assert "Vehicles below this root" in page
    assert "Contract data below this root" in page
    assert state_of(trusted) == State.TRUSTED
    answer = client.post(address(trusted, "ask-removal"), follow=True)
    assert "It stays trusted until another person confirms." in answer.content.decode()
    assert state_of(trusted) == State.REMOVAL_ASKED


def test_the_second_person_sees_what_hangs_on_a_root_and_removes_it(
    leaving: RootCertificate, second: Party, browser: Browser
) -> None:
    client = browser(second)
    page = client.get(address(leaving)).content.decode()
    assert "Vehicles below this root" in page
    assert leaving.removal_asked_by_label in page
    answer = client.post(address(leaving, "remove"), follow=True)
    assert f"{leaving} was removed." in answer.content.decode()
    assert "Root removed" in answer.content.decode()
    assert state_of(leaving) == State.REMOVED


def test_the_second_person_keeps_a_root(
    leaving: RootCertificate, second: Party, browser: Browser
) -> None:
    answer = browser(second).post(address(leaving, "keep"), follow=True)
    assert f"{leaving} was kept." in answer.content.decode()
    assert state_of(leaving) == State.TRUSTED


def test_of_two_persons_the_later_one_is_told_that_the_root_does_not_wait(
    root: RootCertificate, second: Party, browser: Browser
) -> None:
    services.reject(actor=trust.operator_person(), root=root)
    answer = press(browser(second), root, "trust", fingerprint=typed(root))
    assert answer.status_code == 409
    assert "does not wait for a confirmation any more" in answer.content.decode()
    assert state_of(root) == State.REJECTED


@pytest.mark.parametrize("key", EVERY_ACTION)
def test_a_decision_without_its_token_is_refused(
    root: RootCertificate, second: Party, key: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(second.user, backend="django.contrib.auth.backends.ModelBackend")
    assert press(client, root, key, fingerprint=typed(root)).status_code == 403
    assert state_of(root) == State.SUBMITTED


def test_a_stranger_is_sent_to_the_log_in(root: RootCertificate, client: Client) -> None:
    answer = press(client, root, "trust", fingerprint=typed(root))
    assert answer.headers["Location"].startswith("/login/")
    assert state_of(root) == State.SUBMITTED


def test_reading_the_address_of_a_button_decides_nothing(
    root: RootCertificate, second: Party, browser: Browser
) -> None:
    client = browser(second)
    for key in ("trust", "reject"):
        assert client.get(address(root, key)).headers["Location"] == address(root)
        assert client.put(address(root, key)).status_code == 405
    assert client.get(address(root, "no-such")).status_code == 404
    assert state_of(root) == State.SUBMITTED
