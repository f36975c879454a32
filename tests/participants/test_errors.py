"""Errors of the REST API: OPCP's shape, one record for a known party, nothing given away."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.participants import selectors, tokens
from tests.factories import parties

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.participants.probe")]


@pytest.fixture
def headers() -> dict[str, str]:
    made = parties.organization(roles=[Role.MO])
    client, _ = parties.client(organization=made)
    actor = selectors.actor_of_client(client.client_id)
    return {"Authorization": f"Bearer {tokens.issue(actor, audience='http://testserver')}"}


def refusals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(result="refused"))


def test_a_refusal_is_answered_and_recorded_once(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/v1/probe?error=forbidden", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errorMessages"] == ["Not yours."]
    (event,) = refusals()
    assert event.action == "rcp.read"
    assert event.reason == "Not yours."
    assert event.detail == {"code": "foreign_wmi", "status": 403}
    assert event.request_id == answer.json()["traceId"]


def test_a_failure_of_ours_is_no_refusal(client: Client, headers: dict[str, str]) -> None:
    assert client.get("/v1/probe?error=unavailable", headers=headers).status_code == 503
    assert refusals() == []


def test_an_unknown_caller_fills_no_trail(client: Client) -> None:
    assert client.get("/v1/probe?error=forbidden").status_code == 401
    assert refusals() == []


def test_a_defect_is_500_without_a_trace_but_with_one_in_the_log(
    client: Client, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/v1/probe?error=defect", headers=headers)
    assert answer.status_code == 500
    assert set(answer.json()) == {"errorMessages", "traceId"}
    assert "secret detail" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert any("request_failed" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 200),
        (b'{"unknown": 1}', "application/json; charset=utf-8", 200),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a":' + b"[" * 30 + b"]" * 30 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": "' + b"x" * 1_000_001 + b'"}', "application/json", 413),
        (b"<a/>", "application/xml", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_bodies_that_are_not_bounded_json_are_refused_in_opcps_shape(
    client: Client, headers: dict[str, str], body: bytes, content_type: str, status: int
) -> None:
    answer: Any = client.post("/v1/probe", body, content_type=content_type, headers=headers)
    assert answer.status_code == status
    recorded = [(event.detail["status"], event.request_id) for event in refusals()]
    if status == 200:
        assert recorded == []
    else:
        assert set(answer.json()) == {"errorMessages", "traceId"}
        assert recorded == [(status, answer.json()["traceId"])]


def test_another_method_is_405_in_opcps_shape(client: Client, headers: dict[str, str]) -> None:
    answer = client.delete("/v1/probe", headers=headers)
    assert answer.status_code == 405
    assert set(answer.json()) == {"errorMessages", "traceId"}


def test_the_accept_header_is_ignored(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/v1/probe", headers={**headers, "Accept": "text/html"})
    assert answer.status_code == 200
    assert json.loads(answer.content)["roles"] == ["MO"]
