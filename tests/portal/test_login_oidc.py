"""Logging in with an OpenID provider: people who were invited, as whom they were invited."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.participants import membership
from apps.participants.models import User
from config.settings.portal import oidc_provider
from tests.factories import parties, second_factor
from tests.portal.world import PASSWORD

pytestmark = pytest.mark.django_db

START = "/login/oidc/"
BACK = "/login/oidc/callback/"
NOT_INVITED = "Nobody has invited this account yet."
FAILED = "The log-in at the provider did not work."


@dataclass
class Provider:
    """An OpenID provider on this machine: what it says of a person, and what it was asked.

    Its codes are the nonces that they were asked with, so that it needs no memory.
    """

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    audience: str = "plugpool"
    info: dict[str, Any] = field(default_factory=dict)
    sends_id_token: bool = True
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, path: str, sent: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            parts = ("authorization", "token", "userinfo")
            found = {f"{part}_endpoint": f"{self.address}/{part}" for part in parts}
            return {**found, "issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
        if path == "/token":
            self.asked.append(parse_qs(sent))
            claims = {"iss": self.address, "aud": self.audience, "exp": 4_000_000_000}
            claims["nonce"] = self.asked[-1]["code"][0]
            token = jwt.encode({**claims, **self.claims}, "k" * 32, algorithm="HS256")
            found = {"access_token": "t", "token_type": "Bearer", "id_token": token}
            return found if self.sends_id_token else {"access_token": "t"}
        return {**self.claims, **self.info}


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    found = Provider(claims={"sub": "17", "email": "a@alpha.example", "email_verified": True})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            answer = json.dumps(found.answer(urlsplit(self.path).path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815  the library's name

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    settings.OIDC_ISSUER = found.address
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(
        issuer=found.address,
        name="Alpha id",
        client_id="plugpool",
        secret="s3cret",
        trusts_email=False,
    )
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def person() -> User:
    maker = parties.organization(name="Alpha Motors", roles=[Role.OEM])
    return parties.member(organization=maker, email="a@alpha.example", password=PASSWORD)


def asked_for(client: Client, query: str = "") -> dict[str, str]:
    """Start a log-in; return what the provider is asked."""
    sent = urlsplit(client.get(f"{START}{query}").headers["Location"])
    return {name: values[0] for name, values in parse_qs(sent.query).items()}


def through(client: Client, query: str = "", code: str = "") -> Any:
    """Go to the provider and come back."""
    asked = asked_for(client, query)
    back = {"code": code or asked["nonce"], "state": asked["state"]}
    return client.get(BACK, back, follow=True)


def test_an_invited_person_gets_in_and_is_led_on(
    client: Client, provider: Provider, person: User
) -> None:
    assert "Log in with Alpha id" in client.get("/login/").content.decode()
    answer = through(client, "?next=/roots/")
    assert answer.redirect_chain == [("/roots/", 302)]
    assert AuditEvent.objects.filter(action="portal.log_in", result="ok").count() == 1


def test_the_request_is_bound_to_the_browser_and_to_its_answer(
    client: Client, provider: Provider, person: User
) -> None:
    location = urlsplit(client.get(START).headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(location.query).items()}
    assert asked["redirect_uri"] == "http://testserver/login/oidc/callback/"
    assert asked["code_challenge_method"] == "S256"
    client.get(BACK, {"code": "c0de", "state": asked["state"]})
    verifier = provider.asked[0]["code_verifier"][0]
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
    assert asked["code_challenge"] == challenge.decode()


def test_an_answer_that_nobody_asked_for_is_refused(
    client: Client, provider: Provider, person: User
) -> None:
    foreign = Client().get(START).headers["Location"]
    state = parse_qs(urlsplit(foreign).query)["state"][0]
    for given in (state, "x", ""):
        answer = client.get(BACK, {"code": "c0de", "state": given}, follow=True)
        assert FAILED in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_code_that_was_issued_for_another_request_is_refused(
    client: Client, provider: Provider, person: User
) -> None:
    """An attacker who got hold of a code puts it into a log-in of the own browser."""
    stolen = asked_for(Client())["nonce"]
    assert FAILED in through(client, code=stolen).content.decode()
    assert FAILED in through(client, code="x").content.decode()
    assert client.get("/").status_code == 302
    assert through(client).redirect_chain == [("/", 302)]


def test_every_request_has_its_own_nonce_and_state(client: Client, provider: Provider) -> None:
    asked = [asked_for(client) for _again in range(3)]
    assert len({one["nonce"] for one in asked}) == len({one["state"] for one in asked}) == 3
    assert not {one["nonce"] for one in asked} & {one["state"] for one in asked}


def test_an_answer_without_an_id_token_is_refused(
    client: Client, provider: Provider, person: User
) -> None:
    provider.sends_id_token = False
    assert FAILED in through(client).content.decode()
    assert client.get("/").status_code == 302


def test_userinfo_about_somebody_else_is_refused(
    client: Client, provider: Provider, person: User
) -> None:
    provider.info = {"sub": "18"}
    assert FAILED in through(client).content.decode()
    assert client.get("/").status_code == 302


def test_the_person_is_known_by_the_provider_afterwards_and_keeps_the_password(
    client: Client, provider: Provider, person: User
) -> None:
    through(client)
    client.post("/logout/")
    provider.claims["email"] = "married@alpha.example"
    through(client)
    assert person.email in client.get("/account/").content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@alpha.example"},
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
    ],
)
def test_whom_nobody_invited_or_whose_address_is_not_verified_stays_out(
    client: Client, provider: Provider, person: User, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert NOT_INVITED in through(client).content.decode()
    assert client.get("/").status_code == 302
    assert User.objects.count() == 1


def test_a_provider_may_be_trusted_without_the_claim(
    client: Client, provider: Provider, person: User, settings: Any
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["VERIFIED_EMAIL"] = True
    del provider.claims["email_verified"]
    assert through(client).redirect_chain == [("/", 302)]


def test_a_token_for_another_client_is_refused(
    client: Client, provider: Provider, person: User
) -> None:
    provider.audience = "another"
    assert FAILED in through(client).content.decode()


def test_a_person_without_organisation_is_told_so(
    client: Client, provider: Provider, person: User
) -> None:
    for organization in membership.organizations_of(person):
        membership.set_right(person, organization, None)
    assert "belongs to no organisation" in through(client).content.decode()
    assert client.get("/").status_code == 302


def test_an_inactive_person_stays_out(client: Client, provider: Provider, person: User) -> None:
    User.objects.update(is_active=False)
    through(client)
    assert client.get("/").status_code == 302


def test_the_second_factor_is_asked_after_the_provider(
    client: Client, provider: Provider, person: User
) -> None:
    found = second_factor.app(person)
    assert through(client).redirect_chain == [("/login/second-factor/", 302)]
    assert client.get("/").status_code == 302
    assert client.post("/login/second-factor/", {"code": found.code()}).status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_whoever_gives_up_at_the_provider_comes_back_to_the_log_in(
    client: Client, provider: Provider, error: str
) -> None:
    state = parse_qs(urlsplit(client.get(START).headers["Location"]).query)["state"][0]
    answer = client.get(BACK, {"error": error, "state": state}, follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    assert FAILED in answer.content.decode()


def test_a_provider_that_does_not_answer_is_no_failure_of_ours(
    client: Client, provider: Provider, settings: Any
) -> None:
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    apps[0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.get(START, follow=True)
    assert FAILED in answer.content.decode()


def test_a_provider_that_names_nobody_is_no_failure_of_ours(
    client: Client, provider: Provider
) -> None:
    provider.claims.clear()
    assert FAILED in through(client).content.decode()


def test_a_log_in_at_the_provider_does_not_lead_off_the_site(
    client: Client, provider: Provider, person: User
) -> None:
    assert through(client, "?next=//evil.example/").redirect_chain == [("/", 302)]


@pytest.mark.parametrize("query", ["?process=connect", "?scope=x", "?auth_params=a=b"])
def test_nobody_starts_anything_but_a_log_in(
    client: Client, provider: Provider, query: str
) -> None:
    assert client.get(f"{START}{query}").status_code == 404


def test_without_a_provider_its_addresses_do_not_exist(client: Client) -> None:
    for path in (START, BACK, "/login/other/", "/login/other/callback/"):
        assert client.get(path).status_code == 404
    assert not re.search("Log in with", client.get("/login/").content.decode())


def test_another_name_is_no_provider(client: Client, provider: Provider) -> None:
    assert client.get("/login/other/").status_code == 404
    assert client.get("/login/other/callback/?state=x").status_code == 404
