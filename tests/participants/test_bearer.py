"""Bearer tokens on the REST API: what counts as proof, and whose record decides."""

import base64
import json
import time
from time import monotonic
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pytest_django import Settings

from apps.core.actor import Role
from apps.participants import records, selectors, services, tokens
from apps.participants.models import ApiClient, TokenKey
from tests.factories import parties

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.participants.probe")]

AUDIENCE = "http://testserver"


@pytest.fixture
def known() -> ApiClient:
    made = parties.organization(roles=[Role.MO], provider_ids=["DEABC"])
    return parties.client(organization=made)[0]


@pytest.fixture
def token(known: ApiClient) -> str:
    return tokens.issue(selectors.actor_of_client(known.client_id), audience=AUDIENCE)


def get(client: Client, token: str, scheme: str = "Bearer") -> Any:
    return client.get("/v1/probe", headers={"Authorization": f"{scheme} {token}"})


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    return (_decoded(header), _decoded(claims), signature)


def _decoded(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return decoded


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_opens_the_api_with_the_scheme_in_any_case(
    client: Client, known: ApiClient, token: str, scheme: str
) -> None:
    answer = get(client, token, scheme)
    assert answer.status_code == 200
    assert answer.json() == {"client": known.client_id, "roles": ["MO"]}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer  ", "Token abc", "Bearer a.b.c", "Basic x"]
)
def test_what_is_no_token_is_401_in_opcps_shape(client: Client, header: str) -> None:
    answer = client.get("/v1/probe", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"errorMessages", "traceId"}
    assert answer.json()["errorMessages"]


def test_a_token_ends_after_its_lifetime(client: Client, token: str) -> None:
    with time_machine.travel(time.time() + 86_390, tick=False):
        assert get(client, token).status_code == 200
    with time_machine.travel(time.time() + 86_401, tick=False):
        assert get(client, token).status_code == 401


def test_a_changed_claim_breaks_the_token(client: Client, token: str) -> None:
    header, claims, signature = parts_of(token)
    claims["exp"] += 1000
    assert get(client, f"{encoded(header)}.{encoded(claims)}.{signature}").status_code == 401


def test_every_changed_signature_octet_breaks_the_token(token: str) -> None:
    head, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    for index in range(len(raw)):
        raw[index] ^= 1
        forged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
        raw[index] ^= 1
        with pytest.raises(tokens.BadToken):
            tokens.verify(f"{head}.{forged}")


def test_alg_none_and_hmac_with_the_public_key_are_refused(client: Client, token: str) -> None:
    header, claims, _ = parts_of(token)
    unsigned = f"{encoded({**header, 'alg': 'none'})}.{encoded(claims)}."
    assert get(client, unsigned).status_code == 401
    public = json.dumps(tokens.published()[0]).encode()
    confused = jwt.encode({**header, "alg": "HS256"}, claims, OctKey.import_key(public))
    assert get(client, confused).status_code == 401


def test_a_key_that_is_not_ours_is_refused(client: Client, token: str) -> None:
    header, claims, _ = parts_of(token)
    stranger = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    same_kid = jwt.encode(header, claims, stranger, algorithms=["ES256"])
    other_kid = jwt.encode({**header, "kid": "x" * 43}, claims, stranger, algorithms=["ES256"])
    own_jwk = jwt.encode(
        {**header, "jwk": stranger.as_dict(private=False)}, claims, stranger, algorithms=["ES256"]
    )
    no_kid = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, stranger, algorithms=["ES256"])
    for forged in (same_kid, other_kid, own_jwk, no_kid):
        assert get(client, forged).status_code == 401


def test_a_jwt_of_another_type_or_for_others_is_refused(client: Client, token: str) -> None:
    header, claims, _ = parts_of(token)
    current = TokenKey.objects.get(current=True)
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"typ": "JWT"}, {}),
        ({}, {"iss": "https://evil.example"}),
        ({}, {"aud": "https://evil.example"}),
        ({}, {"aud": [AUDIENCE, "https://evil.example"]}),
        ({}, {"exp": "never"}),
        ({}, {"exp": None}),
        ({}, {"exp": True}),
        ({}, {"iat": int(time.time()) + 3600}),
        ({}, {"client_id": ""}),
        ({}, {"client_id": 7}),
    ]
    assert get(client, tokens._signed(header, claims, current)).status_code == 200
    for in_header, in_claims in changes:
        forged = tokens._signed({**header, **in_header}, {**claims, **in_claims}, current)
        assert get(client, forged).status_code == 401, (in_header, in_claims)


def test_a_giant_token_is_not_even_parsed(client: Client) -> None:
    with pytest.raises(tokens.BadToken, match="not a token"):
        tokens.verify("a" * 16_001)
    assert get(client, "é").status_code == 401


def test_the_records_decide_and_not_the_claims(client: Client, known: ApiClient) -> None:
    actor = selectors.actor_of_client(known.client_id)
    token = tokens.issue(actor, audience=AUDIENCE)
    organization = known.organization
    services.add_role(actor=parties.SYSTEM, organization=organization, role=Role.CPO)
    services.set_client_roles(actor=parties.SYSTEM, client=known, roles=[Role.CPO])
    assert get(client, token).json()["roles"] == ["CPO"]
    services.remove_role(actor=parties.SYSTEM, organization=organization, role=Role.CPO)
    records.forget_all()
    assert get(client, token).json()["roles"] == []


def test_a_disabled_client_is_out_at_once_here_and_within_five_seconds_elsewhere(
    client: Client,
    known: ApiClient,
    token: str,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert get(client, token).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        services.set_client_enabled(actor=parties.SYSTEM, client=known, enabled=False)
    assert get(client, token).status_code == 401
    with django_capture_on_commit_callbacks(execute=True):
        services.set_client_enabled(actor=parties.SYSTEM, client=known, enabled=True)
    assert get(client, token).status_code == 200
    ApiClient.objects.filter(pk=known.pk).update(enabled=False)  # as another process would
    now = monotonic()
    monkeypatch.setattr(records, "monotonic", lambda: now + 4)
    assert get(client, token).status_code == 200
    monkeypatch.setattr(records, "monotonic", lambda: now + 5.01)
    assert get(client, token).status_code == 401


def test_a_suspended_organisation_is_out_within_five_seconds(
    client: Client, known: ApiClient, token: str
) -> None:
    assert get(client, token).status_code == 200
    services.set_active(actor=parties.SYSTEM, organization=known.organization, active=False)
    records.forget_all()
    assert get(client, token).status_code == 401


def test_verifying_costs_no_query_while_the_record_is_fresh(
    client: Client, known: ApiClient, token: str
) -> None:
    get(client, token)
    with CaptureQueriesContext(connection) as queries:
        assert get(client, token).status_code == 200
    assert len(queries) == 0


def test_two_keys_are_published_during_a_roll_and_old_tokens_go_on(
    client: Client, known: ApiClient, token: str, settings: Settings
) -> None:
    old = TokenKey.objects.get(current=True).kid
    new = services.roll_token_key(actor=parties.SYSTEM).kid
    tokens.forget_keys()
    assert {key["kid"] for key in tokens.published()} == {old, new}
    assert get(client, token).status_code == 200
    fresh = tokens.issue(selectors.actor_of_client(known.client_id), audience=AUDIENCE)
    assert parts_of(fresh)[0]["kid"] == new
    assert services.forget_retired_token_keys(actor=parties.SYSTEM) == 0
    with time_machine.travel(time.time() + settings.TOKEN_LIFETIME_S + 3700):
        assert services.forget_retired_token_keys(actor=parties.SYSTEM) == 1
    tokens.forget_keys()
    assert {key["kid"] for key in tokens.published()} == {new}
    assert get(client, token).status_code == 401


def test_a_key_rolled_by_another_process_is_found_by_its_kid(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get(client, token).status_code == 200
    row = services.roll_token_key(actor=parties.SYSTEM)
    header, claims, _ = parts_of(token)
    fresh = tokens._signed({**header, "kid": row.kid}, claims, row)
    now = monotonic()
    monkeypatch.setattr(tokens, "monotonic", lambda: now + 5.01)
    assert get(client, fresh).status_code == 200


def test_there_is_one_current_key_however_often_it_is_ensured() -> None:
    first = services.ensure_token_key(actor=parties.SYSTEM)
    assert services.ensure_token_key(actor=parties.SYSTEM) == first
    assert TokenKey.objects.count() == 1
