"""POST /oauth/token and the key set: OPCP's issue-token as deployed clients use it."""

import base64
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from joserfc import jwt
from joserfc.jwk import KeySet
from oauth2_provider.models import AccessToken
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.participants import services
from apps.participants.models import ApiClient
from tests.factories import parties

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.participants.probe")]

URL = "/oauth/token"


@pytest.fixture
def known() -> tuple[ApiClient, str]:
    made = parties.organization(
        roles=[Role.MO, Role.OEM], wmis=["WVW"], provider_ids=["DEABC"], name="Both"
    )
    return parties.client(organization=made, name="Backend A")


def asked(client_id: str, secret: str, **more: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        **more,
    }


def basic(client_id: str, secret: str, scheme: str = "Basic") -> str:
    return f"{scheme} " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def post_json(client: Client, fields: dict[str, Any], **headers: Any) -> Any:
    return client.post(URL, json.dumps(fields), content_type="application/json", **headers)


def test_answers_json_with_a_token_of_a_day(client: Client, known: tuple[ApiClient, str]) -> None:
    answer = post_json(client, asked(known[0].client_id, known[1], audience="http://testserver"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    content = answer.json()
    assert content["token_type"] == "Bearer"
    assert content["expires_in"] == 86_400
    assert type(content["expires_in"]) is int
    assert "rcpservice" in content["scope"].split()


def test_answers_a_form(client: Client, known: tuple[ApiClient, str]) -> None:
    answer = client.post(
        URL,
        urlencode(asked(known[0].client_id, known[1])),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_answers_http_basic_in_any_case(
    client: Client, known: tuple[ApiClient, str], scheme: str
) -> None:
    answer = client.post(
        URL,
        "grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": basic(known[0].client_id, known[1], scheme)},
    )
    assert answer.status_code == 200


def test_the_claims_name_roles_and_identifiers_below_the_audience(
    client: Client, known: tuple[ApiClient, str]
) -> None:
    token = post_json(client, asked(known[0].client_id, known[1])).json()["access_token"]
    keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.header["kid"] == keys.keys[0].kid
    claims = decoded.claims
    assert claims["http://testserver/role"] == ["MO", "OEM"]
    assert claims["http://testserver/pcid"] == ["WVW"]
    assert claims["http://testserver/emaid"] == ["DEABC"]
    assert claims["http://testserver/client_name"] == "Backend A"
    assert claims["sub"] == known[0].client_id
    assert claims["exp"] - claims["iat"] == 86_400


def test_the_key_set_shows_no_private_part(client: Client) -> None:
    (key,) = client.get("/.well-known/jwks.json").json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_no_token_is_stored(client: Client, known: tuple[ApiClient, str]) -> None:
    assert post_json(client, asked(known[0].client_id, known[1])).status_code == 200
    assert AccessToken.objects.count() == 0


def test_the_last_use_is_kept_to_the_minute(client: Client, known: tuple[ApiClient, str]) -> None:
    def used_at(seconds: int) -> float:
        with time_machine.travel(begin + seconds, tick=False):
            assert post_json(client, asked(known[0].client_id, known[1])).status_code == 200
        kept = ApiClient.objects.get(pk=known[0].pk).last_used_at
        assert kept is not None
        return kept.timestamp() - begin

    begin = int(time.time())
    assert [round(used_at(second)) for second in (0, 59, 60)] == [0, 0, 60]


def test_a_token_costs_two_reads(client: Client, known: tuple[ApiClient, str]) -> None:
    post_json(client, asked(known[0].client_id, known[1]))
    with CaptureQueriesContext(connection) as queries:
        assert post_json(client, asked(known[0].client_id, known[1])).status_code == 200
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT"]


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        ("", 200),
        ("http://testserver", 200),
        ("http://testserver/", 200),
        ("https://second.example", 200),
        ("https://evil.example", 403),
        ("http://testserver.evil.example", 403),
    ],
)
def test_the_audience_is_optional_but_must_be_ours(
    client: Client,
    known: tuple[ApiClient, str],
    settings: Settings,
    audience: str,
    status: int,
) -> None:
    settings.TOKEN_AUDIENCES = ["https://second.example"]
    answer = post_json(client, asked(known[0].client_id, known[1], audience=audience))
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"] == "access_denied"
        assert answer.json()["error_description"]


def test_a_wrong_secret_is_401_and_recorded_without_it(
    client: Client, known: tuple[ApiClient, str]
) -> None:
    answer = post_json(client, asked(known[0].client_id, "wrong-secret-value"))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert set(answer.json()) == {"error", "error_description"}
    event = AuditEvent.objects.get(result="refused")
    assert event.actor_id == known[0].client_id
    assert event.action == "participants.issue_token"
    assert "wrong-secret-value" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_an_unknown_client_is_401_and_fills_no_trail(client: Client) -> None:
    answer = post_json(client, asked("nobody", "x"))
    assert answer.status_code == 401
    assert not AuditEvent.objects.filter(result="refused").exists()


def test_a_disabled_client_and_a_suspended_organisation_get_no_token(
    client: Client, known: tuple[ApiClient, str]
) -> None:
    services.set_client_enabled(actor=parties.SYSTEM, client=known[0], enabled=False)
    assert post_json(client, asked(known[0].client_id, known[1])).status_code == 401
    services.set_client_enabled(actor=parties.SYSTEM, client=known[0], enabled=True)
    organization = known[0].organization
    services.set_active(actor=parties.SYSTEM, organization=organization, active=False)
    assert post_json(client, asked(known[0].client_id, known[1])).status_code == 401


def test_a_replaced_secret_ends_at_once(client: Client, known: tuple[ApiClient, str]) -> None:
    fresh = services.replace_secret(actor=parties.SYSTEM, client=known[0])
    assert post_json(client, asked(known[0].client_id, known[1])).status_code == 401
    assert post_json(client, asked(known[0].client_id, fresh)).status_code == 200


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        ("password", "unsupported_grant_type"),
        ("authorization_code", "unsupported_grant_type"),
        ("refresh_token", "unsupported_grant_type"),
    ],
)
def test_only_client_credentials(
    client: Client, known: tuple[ApiClient, str], grant: str, error: str
) -> None:
    fields = {**asked(known[0].client_id, known[1]), "grant_type": grant}
    answer = post_json(client, fields)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_the_grant_type_is_required(client: Client, known: tuple[ApiClient, str]) -> None:
    fields = {"client_id": known[0].client_id, "client_secret": known[1]}
    answer = post_json(client, fields)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'"text"',
        b'{"client_id": 5, "client_secret": "x", "grant_type": "client_credentials"}',
        b'{"client_id": "a", "client_id": "b"}',
        b'{"client_id": "a\\u0000b"}',
        b"[" * 9000,
        b'{"client_id": "\\ud800", "client_secret": "x", "grant_type": "client_credentials"}',
        b"\xff\xfe",
    ],
)
def test_a_malformed_body_is_400(client: Client, body: bytes) -> None:
    answer = client.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_large_body_is_413_and_a_foreign_media_type_415(client: Client) -> None:
    large = client.post(URL, b'{"a": "' + b"x" * 20_000 + b'"}', content_type="application/json")
    foreign = client.post(URL, b"<a/>", content_type="text/xml")
    assert (large.status_code, foreign.status_code) == (413, 415)
    assert large.json()["error"] == foreign.json()["error"] == "invalid_request"


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic " + "YWJj", "Basic /w=="])
def test_a_malformed_basic_header_is_refused(client: Client, header: str) -> None:
    answer = client.post(
        URL,
        "grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": header},
    )
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {"invalid_request", "invalid_client"}


def test_header_and_body_must_not_name_different_clients(
    client: Client, known: tuple[ApiClient, str]
) -> None:
    answer = post_json(
        client,
        asked("somebody-else", "x"),
        headers={"Authorization": basic(known[0].client_id, known[1])},
    )
    assert answer.status_code == 400


def test_a_client_is_throttled_and_another_is_not(
    client: Client, known: tuple[ApiClient, str]
) -> None:
    with time_machine.travel(time.time(), tick=False):
        statuses = [post_json(client, asked("guess", "x")).status_code for _ in range(31)]
        assert statuses == [401] * 30 + [429]
        assert post_json(client, asked(known[0].client_id, known[1])).status_code == 200


def test_an_address_is_throttled(client: Client, known: tuple[ApiClient, str]) -> None:
    with time_machine.travel(time.time(), tick=False):
        for number in range(300):
            post_json(client, asked(f"guess{number}", "x"))
        answer = post_json(client, asked(known[0].client_id, known[1]))
        assert answer.status_code == 429
        assert answer["Retry-After"] == "60"
        other = post_json(client, asked(known[0].client_id, known[1]), REMOTE_ADDR="192.0.2.9")
        assert other.status_code == 200


def test_the_endpoint_takes_post_only(client: Client) -> None:
    assert client.get(URL).status_code == 405
