"""Setting second factors up: operators must, the others may; secrets are shown once."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from apps.audit.models import AuditEvent
from apps.participants.models import User
from tests.factories import second_factor
from tests.factories.second_factor import App, Passkey
from tests.portal.mfa.conftest import LogIn

pytestmark = pytest.mark.django_db

ADD = "/account/authenticator-app/add/"
CODES = "/account/recovery-codes/"


def secret_on(page: str) -> str:
    found = re.search(r'data-copy="([A-Z2-7]{32})"', page)
    assert found is not None
    return found[1]


def add_app(client: Client) -> Any:
    found = App(secret_on(client.get(ADD).content.decode()))
    return client.post(ADD, {"code": found.code()})


@pytest.mark.parametrize("path", ["/", "/roots/", "/organizations/", "/none-of-these/"])
def test_a_person_of_the_operator_sets_a_factor_up_before_anything_else(
    client: Client, operator: User, log_in: LogIn, path: str
) -> None:
    log_in(operator)
    answer = client.get(path)
    if answer.status_code != 404:
        assert answer.headers["Location"] == f"/account/second-factor/?next={path}"


def test_a_person_of_the_operator_without_factor_writes_nothing(
    client: Client, operator: User, log_in: LogIn
) -> None:
    log_in(operator)
    answer = client.post("/switch/?to=x")
    assert answer.headers["Location"] == "/account/second-factor/?next=/"


@pytest.mark.parametrize(
    "path", ["/account/", "/account/second-factor/", ADD, "/account/password/"]
)
def test_the_own_account_stays_open_without_a_menu(
    client: Client, operator: User, log_in: LogIn, path: str
) -> None:
    log_in(operator)
    page = client.get(path)
    assert page.status_code == 200
    assert 'id="nav-sidebar"' not in page.content.decode()


def test_a_person_of_the_operator_may_always_log_out(
    client: Client, operator: User, log_in: LogIn
) -> None:
    log_in(operator)
    assert client.post("/logout/").headers["Location"] == "/login/"


def test_other_parties_work_without_a_factor(client: Client, person: User, log_in: LogIn) -> None:
    log_in(person)
    assert client.get("/").status_code == 200


def test_where_second_factors_are_off_operators_work_without(
    client: Client, operator: User, log_in: LogIn, settings: Any
) -> None:
    settings.SECOND_FACTOR = "off"
    log_in(operator)
    assert client.get("/").status_code == 200
    client.post("/logout/")
    assert "a password is enough" in client.get("/login/").content.decode()


def test_the_log_in_page_says_nothing_where_second_factors_are_required(client: Client) -> None:
    assert "a password is enough" not in client.get("/login/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_app_is_added_by_its_first_code_and_leads_on(
    client: Client, operator: User, log_in: LogIn
) -> None:
    log_in(operator)
    client.get("/account/second-factor/?next=/roots/")
    assert add_app(client).headers["Location"] == CODES
    shown = client.get(CODES).content.decode()
    assert len(re.findall(r'<li class="pp-code">\d{8}</li>', shown)) == 10
    assert client.get("/account/onward/").headers["Location"] == "/roots/"
    assert client.get("/roots/").status_code == 200
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"portal.add_second_factor", "portal.make_recovery_codes"} <= actions


@pytest.mark.django_db(transaction=True)
def test_setting_up_counts_as_saying_who_it_is(client: Client, person: User, log_in: LogIn) -> None:
    log_in(person)
    add_app(client)
    assert client.get("/account/passkeys/add/").status_code == 200


def test_a_wrong_first_code_adds_nothing_and_keeps_the_secret(
    client: Client, person: User, log_in: LogIn
) -> None:
    log_in(person)
    before = secret_on(client.get(ADD).content.decode())
    page = client.post(ADD, {"code": "0"}).content.decode()
    assert "This code is not right" in page
    assert secret_on(page) == before
    assert not second_factor.has(person, "totp")


def test_the_picture_is_part_of_the_page(client: Client, person: User, log_in: LogIn) -> None:
    log_in(person)
    assert 'src="data:image/svg+xml;base64,' in client.get(ADD).content.decode()


@pytest.mark.django_db(transaction=True)
def test_recovery_codes_are_shown_once(client: Client, person: User, log_in: LogIn) -> None:
    log_in(person)
    add_app(client)
    first = client.get(CODES).content.decode()
    found = re.findall(r'<li class="pp-code">(\d{8})</li>', first)
    assert f"data:text/plain;charset=utf-8,{'%0A'.join(found)}%0A" in first
    again = client.get(CODES).content.decode()
    assert not any(code in again for code in found)
    assert "10 recovery codes are left" in again


def test_new_recovery_codes_end_the_old_ones(client: Client, person: User, log_in: LogIn) -> None:
    found = second_factor.app(person)
    old = second_factor.recovery_codes(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": found.code(steps=-1)})
    second_factor.confirm(client, found)
    assert client.post(f"{CODES}new/").headers["Location"] == CODES
    new = re.findall(r'<li class="pp-code">(\d{8})</li>', client.get(CODES).content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)


def test_secrets_are_sealed_in_the_database(person: User) -> None:
    found = second_factor.app(person)
    codes = second_factor.recovery_codes(person)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert found.secret not in stored
    assert not any(code in stored for code in codes)
    totp, recovery = Authenticator.objects.order_by("id")
    assert totp.wrap().validate_code(found.code())
    assert recovery.wrap().get_unused_codes() == codes


def test_a_factor_is_removed_only_after_saying_who_it_is(
    client: Client, person: User, log_in: LogIn
) -> None:
    found = second_factor.app(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": found.code(steps=-1)})
    path = "/account/authenticator-app/remove/"
    for answer in (client.get(path), client.post(path)):
        assert answer.headers["Location"] == f"/account/confirm/?next={path}"
    assert second_factor.has(person, "totp")
    second_factor.confirm(client, found)
    assert client.post(path).headers["Location"] == "/account/"
    assert not second_factor.has(person, "totp")
    assert AuditEvent.objects.filter(action="portal.remove_second_factor").count() == 1


def test_a_passkey_is_named_renamed_and_removed(person: User, log_in: LogIn) -> None:
    local = Client(headers={"host": "localhost"})
    local.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    local.post("/account/confirm/", {"confirm-password": "correct horse battery"})
    made, path = Passkey(), "/account/passkeys/add/"
    page = local.get(path).content.decode()
    local.post(path, {"name": "Work <laptop>", "credential": made.create(page)})
    assert "Work &lt;laptop&gt;" in local.get("/account/").content.decode()
    row = Authenticator.objects.get(type="webauthn")
    assert local.post(f"/account/passkeys/{row.pk}/rename/", {"name": "x" * 61}).status_code == 200
    local.post(f"/account/passkeys/{row.pk}/rename/", {"name": "Home"})
    assert str(Authenticator.objects.get(pk=row.pk)) == "Home"
    local.post(f"/account/passkeys/{row.pk}/remove/")
    assert not Authenticator.objects.filter(user=person).exists()


def test_a_passkey_of_another_person_is_unknown(
    client: Client, person: User, operator: User, log_in: LogIn
) -> None:
    second_factor.app(operator)
    foreign = Authenticator.objects.create(
        user=operator, type="webauthn", data={"name": "n", "credential": {}}
    )
    log_in(person)
    for what in ("rename", "remove"):
        path = f"/account/passkeys/{foreign.pk}/{what}/"
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "Mine"}).status_code == 404
    assert str(Authenticator.objects.get(pk=foreign.pk)) == "n"


@pytest.mark.parametrize("extra", ["\0", "\ud800", "\N{SNOWMAN}"])
def test_a_passkey_brings_nothing_that_a_database_cannot_keep(person: User, extra: str) -> None:
    local, path = Client(headers={"host": "localhost"}), "/account/passkeys/add/"
    local.post("/login/", {"username": person.email, "password": "correct horse battery"})
    answer = json.loads(Passkey().create(local.get(path).content.decode()))
    fields = {"name": "n", "credential": json.dumps({**answer, "more": extra})}
    assert local.post(path, fields).status_code == 200
    assert not second_factor.has(person, "webauthn")


@pytest.mark.parametrize(
    "credential", ["{}", "null", '{"id": "AA", "rawId": "AA", "response": {}}']
)
def test_what_is_no_new_passkey_is_refused(
    client: Client, person: User, log_in: LogIn, credential: str
) -> None:
    log_in(person)
    client.get("/account/passkeys/add/")
    answer = client.post("/account/passkeys/add/", {"name": "n", "credential": credential})
    assert answer.status_code == 200
    assert not second_factor.has(person, "webauthn")
