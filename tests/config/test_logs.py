"""Log lines: structured, with their ids, and without a secret even at DEBUG."""

import base64
import io
import json
import logging
import logging.config
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as configured
from django.test import Client
from structlog import get_logger
from structlog.contextvars import clear_contextvars

from apps.core.actor import Right, Role
from apps.participants import links
from config.logs import MASK, logging_config, masked
from tests.events.conftest import BODY, PATH, work
from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller
from tests.factories.receivers import Receiver, receiver_fixture, secret_of, subscribe

__all__ = ["receiver_fixture"]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PASSWORD, WRONG_PASSWORD = "a-l0ng-passphrase-of-somebody", "another-l0ng-passphrase"


@pytest.fixture(params=[True, False], ids=["json", "console"])
def output(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What a process at DEBUG writes."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    clear_contextvars()
    logging.config.dictConfig(logging_config(level="DEBUG", as_json=request.param))
    stream = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logging.config.dictConfig(configured.LOGGING)
    root.handlers[:] = handlers
    root.setLevel(level)


def noted_as_they_are() -> list[str]:
    """The content of every record before anything is masked: no line relies on the mask."""
    noted: list[str] = []

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            noted.append(f"{record.msg!r} {record.args!r}")

    logging.getLogger().addHandler(Noting())
    return noted


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[ec.EllipticCurvePrivateKey]:
    """Every private key that is made: of CAs, responders, contracts, tokens."""
    made: list[ec.EllipticCurvePrivateKey] = []
    real = ec.generate_private_key

    def noted(*arguments: Any, **named: Any) -> ec.EllipticCurvePrivateKey:
        key = real(*arguments, **named)
        made.append(key)
        return key

    monkeypatch.setattr(ec, "generate_private_key", noted)
    return made


def spellings(key: ec.EllipticCurvePrivateKey) -> Iterator[str]:
    number = key.private_numbers().private_value
    octets = number.to_bytes((key.key_size + 7) // 8, "big")
    yield from (str(number), f"{number:x}", octets.hex(), repr(octets)[2:-1])
    yield base64.b64encode(octets).decode().rstrip("=")
    yield base64.urlsafe_b64encode(octets).decode().rstrip("=")
    for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        der = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
        yield from (der.hex(), base64.b64encode(der).decode(), repr(der)[2:-1])
    yield "PRIVATE KEY"


def tokens_are_let_out(secrets: list[str]) -> None:
    made = parties.organization(roles=[Role.MO], provider_ids=["DEXYZ"], name="Logged")
    known, secret = parties.client(organization=made)
    form = {"grant_type": "client_credentials", "client_id": known.client_id}
    wrong = "wrong-secret-of-a-client-0123456789"
    basic = base64.b64encode(f"{known.client_id}:{secret}".encode()).decode()
    http = Client()

    def ask(path: str, **more: str) -> Any:
        return http.post(path, urlencode(form | more), "application/x-www-form-urlencoded")

    token = ask("/oauth/token", client_secret=secret).json()["access_token"]
    assert ask("/oauth/token", client_secret=wrong).status_code == 401
    assert ask(f"/oauth/token?client_secret={secret}").status_code >= 400
    http.post(
        "/est/mo/simpleenroll",
        b"x",
        "application/pkcs10",
        headers={"authorization": f"Basic {basic}"},
    )
    for sent in (token, token[:-4] + "AAAA"):
        http.get("/v1/root/rootCerts", headers={"authorization": f"Bearer {sent}"})
        http.get(f"/v1/root/rootCerts?access_token={sent}")
    secrets += [secret, wrong, basic, token, token.rsplit(".", 1)[1]]


def a_contract_is_made(secrets: list[str]) -> None:
    world = contracts.world()
    now = trust.now()
    caller = Caller(world.mo.organization)
    body = {
        "contractBegins": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "contractEnds": f"{now.replace(year=now.year + 1):%Y-%m-%dT%H:%M:%SZ}",
        "pcid": str(world.vehicle.pcid),
        "emaid": world.emaid.display,
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
    }
    answer = caller.put("/v1/cps/generate/signedContractData", body)
    assert answer.status_code == 201
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    secrets.append(caller._token)


def a_webhook_is_called(receiver: Receiver, secrets: list[str]) -> None:
    oem = parties.organization(roles=[Role.OEM], wmis=["WXY"])
    endpoint = subscribe(parties.actor(organization=oem), receiver)
    caller = Caller(oem)
    registered = caller.post(PATH, BODY)
    assert registered.status_code in {200, 201}
    work()
    secrets.append(secret_of(endpoint).decode())
    secrets += re.findall(r'"secret"\s*:\s*"([^"]+)"', registered.content.decode())


def a_person_logs_in(secrets: list[str]) -> None:
    maker = parties.organization(roles=[Role.OEM])
    user = parties.member(organization=maker, email="new@logged.example", right=Right.VIEWER)
    user.set_unusable_password()
    user.save()
    address = links.password_link(user)
    http = Client()
    form = http.get(address).headers["Location"]
    http.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    http.post("/login/", {"username": user.email, "password": WRONG_PASSWORD})
    http.post("/login/", {"username": user.email, "password": PASSWORD})
    user.refresh_from_db()
    secrets += [PASSWORD, WRONG_PASSWORD, address.rstrip("/").rsplit("/", 1)[1], user.password]
    secrets += [cookie.value for cookie in http.cookies.values() if len(cookie.value) > 8]


def something_fails(monkeypatch: pytest.MonkeyPatch, secrets: list[str]) -> None:
    caller = Caller(parties.organization(roles=[Role.MO], provider_ids=["DEXYY"]))

    def fail(**named: Any) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr("apps.contract_pool.services.end", fail)
        caller._http.raise_request_exception = False
        caller.delete("/v1/ccp/signedContractData/DEXYYC12345678")
    secrets.append(caller._token)


@pytest.mark.django_db
def test_no_secret_and_no_private_key_is_ever_logged(
    output: io.StringIO,
    keys: list[ec.EllipticCurvePrivateKey],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unmasked = noted_as_they_are()
    secrets = [configured.SECRET_KEY]
    secrets += [key.partition(":")[2] for key in configured.VAULT_KEYS + configured.AUDIT_KEYS]
    tokens_are_let_out(secrets)
    a_contract_is_made(secrets)
    a_webhook_is_called(receiver, secrets)
    a_person_logs_in(secrets)
    something_fails(monkeypatch, secrets)
    get_logger("tests").debug("shown")
    written = output.getvalue() + "\n".join(unmasked)
    assert written.count("request_finished") > 10
    assert "shown" in written
    assert len(keys) > 2
    assert len(secrets) > 15
    assert [one for one in secrets if one in written] == []
    assert [word for key in keys for word in spellings(key) if word in written] == []


@pytest.mark.django_db
@pytest.mark.parametrize("output", [True], indirect=True, ids=["json"])
def test_a_line_is_json_with_request_and_trace(output: io.StringIO, client: Client) -> None:
    client.get("/livez?token=abcdefgh", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    found = [json.loads(line) for line in output.getvalue().splitlines()]
    (end,) = [line for line in found if line["event"] == "request_finished"]
    assert (end["trace_id"], end["request"], end["code"]) == (TRACE, "GET /livez", 200)
    assert {"request_id", "span_id", "level", "logger", "timestamp"} <= end.keys()


JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("client_secret", "x", MASK),
        ("Authorization", "x", MASK),
        ("csrftoken", "x", MASK),
        ("new_password1", "x", MASK),
        ("text", f"sent Bearer {JWT[:20]}", f"sent Bearer {MASK}"),
        ("text", f"a token {JWT} here", f"a token {MASK} here"),
        ("text", f"key {PEM} end", f"key {MASK} end"),
        ("text", PEM[:50], MASK),
        ("text", "GET /x?client_secret=abcdef&y=1", f"GET /x?client_secret={MASK}&y=1"),
        ("text", "{'access_token': 'abcdefgh', 'n': 1}", f"{{'access_token': '{MASK}', 'n': 1}}"),
        ("text", "/login/password/MQ/abc-def/ gone", f"/login/password/{MASK}/ gone"),
        ("url", "redis://user:hidden@host/0", f"redis://user:{MASK}@host/0"),
        ("body", b"octets", "<6 octets>"),
        ("rows", [{"password": "x", "n": 1}], [{"password": MASK, "n": 1}]),
        ("error", ValueError("Basic dXNlcjpwdw=="), f"Basic {MASK}"),
        ("code", "wrong_role", "wrong_role"),
        ("count", 7, 7),
        ("secret", "", ""),
    ],
)
def test_what_looks_like_a_secret_is_masked(name: str, value: Any, shown: Any) -> None:
    assert masked(None, "info", {name: value})[name] == shown


@pytest.mark.parametrize("output", [True, False], indirect=True, ids=["json", "console"])
def test_a_traceback_shows_no_local_variables(output: io.StringIO) -> None:
    hidden = "a-local-variable-" + "x" * 3
    try:
        int("a defect")
    except ValueError:
        get_logger("tests").exception("failed")
    assert "a defect" in output.getvalue()
    assert "Traceback" in output.getvalue()
    assert hidden not in output.getvalue()


def test_the_level_of_talkative_libraries_is_held_at_debug() -> None:
    loggers = logging_config(level="DEBUG", as_json=True)["loggers"]
    assert {"oauthlib", "oauth2_provider", "httpcore", "urllib3"} <= loggers.keys()
    assert all(config["level"] != "DEBUG" for config in loggers.values())
