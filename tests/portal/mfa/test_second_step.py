"""The second step of logging in: codes, recovery codes and passkeys, each good once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.audit.models import AuditEvent
from apps.participants.models import User
from tests.factories import second_factor
from tests.factories.second_factor import Passkey
from tests.portal.mfa.conftest import LogIn
from tests.portal.world import PASSWORD

pytestmark = pytest.mark.django_db

STEP = "/login/second-factor/"
WRONG = "This code is not right, or it was used already."
NOON = datetime(2026, 5, 4, 12, 0, 1, tzinfo=UTC)


def audited(action: str, result: str = "ok") -> list[str]:
    rows = AuditEvent.objects.filter(action=action, result=result)
    return [row.actor_label for row in rows.order_by("id")]


def step(client: Client, code: str) -> Any:
    return client.post(STEP, {"code": code})


def test_the_password_alone_opens_nothing(client: Client, person: User, log_in: LogIn) -> None:
    second_factor.app(person)
    assert log_in(person).headers["Location"] == STEP
    assert client.get("/").headers["Location"] == "/login/?next=/"
    assert client.get("/account/").status_code == 302
    assert audited("portal.log_in") == []


def test_the_code_of_the_app_lets_the_person_in(
    client: Client, person: User, log_in: LogIn
) -> None:
    found = second_factor.app(person)
    log_in(person)
    answer = step(client, found.code())
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert audited("portal.log_in") == [str(person)]


def test_the_wanted_page_opens_after_both_steps(
    client: Client, person: User, log_in: LogIn
) -> None:
    found = second_factor.app(person)
    client.post("/login/?next=/roots/", {"username": person.email, "password": PASSWORD})
    assert step(client, found.code()).headers["Location"] == "/roots/"


def test_a_wrong_code_is_refused_and_recorded(client: Client, person: User, log_in: LogIn) -> None:
    found = second_factor.app(person)
    log_in(person)
    wrong = f"{(int(found.code()) + 7) % 1_000_000:06d}"
    assert WRONG in step(client, wrong).content.decode()
    assert client.get("/").status_code == 302
    assert audited("portal.log_in", "refused") == [str(person)]


@pytest.mark.parametrize("later", [0, 29, 59])
def test_a_code_is_good_once_as_long_as_it_would_be_right(
    client: Client, person: User, log_in: LogIn, later: int
) -> None:
    found = second_factor.app(person)
    with time_machine.travel(NOON, tick=False) as clock:
        code = found.code(steps=1)
        log_in(person)
        assert step(client, code).status_code == 302
        client.post("/logout/")
        clock.shift(timedelta(seconds=later))
        log_in(person)
        assert WRONG in step(client, code).content.decode()


def test_a_code_that_is_too_old_is_refused(client: Client, person: User, log_in: LogIn) -> None:
    found = second_factor.app(person)
    with time_machine.travel(NOON, tick=False):
        log_in(person)
        assert WRONG in step(client, found.code(steps=-2)).content.decode()


def test_five_wrong_codes_end_the_guessing_for_five_minutes(
    client: Client, person: User, log_in: LogIn
) -> None:
    found = second_factor.app(person)
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(person)
        for _ in range(5):
            step(client, "not a code")
        assert "Too many wrong codes" in step(client, found.code()).content.decode()
        clock.shift(timedelta(minutes=5, seconds=1))
        assert step(client, found.code()).status_code == 302


def test_a_recovery_code_is_good_once(client: Client, person: User, log_in: LogIn) -> None:
    second_factor.app(person)
    code, other = second_factor.recovery_codes(person)[:2]
    log_in(person)
    assert step(client, code).status_code == 302
    assert audited("portal.use_recovery_code") == [str(person)]
    client.post("/logout/")
    log_in(person)
    assert WRONG in step(client, code).content.decode()
    assert step(client, other).status_code == 302


def test_a_half_done_log_in_ends_after_a_quarter_of_an_hour(
    client: Client, person: User, log_in: LogIn
) -> None:
    found = second_factor.app(person)
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(person)
        clock.shift(timedelta(minutes=15, seconds=1))
        assert step(client, found.code()).headers["Location"] == "/login/"
        assert client.get("/").status_code == 302


def test_somebody_else_may_start_over(client: Client, person: User, log_in: LogIn) -> None:
    second_factor.app(person)
    log_in(person)
    client.get("/login/again/")
    assert client.get(STEP).headers["Location"] == "/login/"


def test_the_address_of_the_second_step_alone_leads_to_the_first(client: Client) -> None:
    assert client.get(STEP).headers["Location"] == "/login/"
    assert client.post(STEP, {"code": "123456"}).headers["Location"] == "/login/"


def test_the_code_of_another_person_is_wrong(
    client: Client, person: User, operator: User, log_in: LogIn
) -> None:
    second_factor.app(person)
    foreign = second_factor.app(operator)
    log_in(person)
    assert WRONG in step(client, foreign.code()).content.decode()


@pytest.fixture
def passkey(local: Client, person: User) -> Passkey:
    """A passkey of the person, made on the page for it."""
    made = Passkey()
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    page = local.get("/account/passkeys/add/").content.decode()
    answer = local.post(
        "/account/passkeys/add/", {"name": "Laptop", "credential": made.create(page)}
    )
    assert answer.headers["Location"] == "/account/recovery-codes/"
    local.post("/logout/")
    return made


@pytest.fixture
def local() -> Client:
    """A browser at an address for which passkeys exist."""
    return Client(headers={"host": "localhost"})


def test_a_passkey_lets_the_person_in(local: Client, person: User, passkey: Passkey) -> None:
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    page = local.get(STEP).content.decode()
    answer = local.post(STEP, {"credential": passkey.get(page)})
    assert answer.headers["Location"] == "/"
    assert local.get("/").status_code == 200


def test_an_answer_of_a_passkey_is_good_once(local: Client, person: User, passkey: Passkey) -> None:
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    answer = passkey.get(local.get(STEP).content.decode())
    assert local.post(STEP, {"credential": answer}).status_code == 302
    local.post("/logout/")
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    local.get(STEP)
    assert local.post(STEP, {"credential": answer}).status_code == 200
    assert local.get("/").status_code == 302


@pytest.mark.parametrize("stranger", [Passkey(), Passkey(origin="https://localhost.evil.example")])
def test_a_passkey_that_is_not_the_persons_or_of_another_site_is_refused(
    local: Client, person: User, passkey: Passkey, stranger: Passkey
) -> None:
    if stranger.origin != passkey.origin:
        stranger.key, stranger.identifier = passkey.key, passkey.identifier
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    page = local.get(STEP).content.decode()
    answer = local.post(STEP, {"credential": stranger.get(page)})
    assert "This passkey is not one of yours" in answer.content.decode()
    assert local.get("/").status_code == 302


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", "{}", '{"id": "x"}', '"' + "a" * 30_000 + '"']
)
def test_what_is_no_answer_of_a_passkey_is_refused(
    local: Client, person: User, passkey: Passkey, answer: str
) -> None:
    local.post("/login/", {"username": person.email, "password": PASSWORD})
    local.get(STEP)
    assert local.post(STEP, {"credential": answer}).status_code == 200
    assert local.get("/").status_code == 302
