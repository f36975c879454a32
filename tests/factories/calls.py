"""Calls of the REST API as a backend makes them: with a real token, JSON in and out."""

from typing import Any

from django.core.cache import cache
from django.test import Client

from apps.participants import records, selectors, tokens
from apps.participants.models import ApiClient, Organization
from apps.pki import kept
from tests.factories import parties


def forget_processes() -> None:
    """Empty the in-process caches, as in a new process: each test begins with its own rows."""
    cache.clear()
    kept.forget_all()
    records.forget_all()
    tokens.forget_keys()


class Caller:
    """One API client of an organisation."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.known: ApiClient = parties.client(organization=organization)[0]
        actor = selectors.actor_of_client(self.known.client_id)
        self._token = tokens.issue(actor, audience="http://testserver")
        self._http = Client(raise_request_exception=True)

    def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return self._http.get(path, query or {}, headers=self._headers)

    def put(self, path: str, body: Any, content_type: str = "application/json") -> Any:
        return self._http.put(path, body, content_type=content_type, headers=self._headers)

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        sent = self._headers | (headers or {})
        return self._http.post(path, body, content_type="application/json", headers=sent)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return self._http.delete(path, headers=self._headers | (headers or {}))

    def call(self, method: str, path: str) -> Any:
        return self._http.generic(method, path, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def messages(response: Any) -> list[str]:
    """The `errorMessages` of OPCP's Error, after checking its shape."""
    body = response.json()
    assert set(body) == {"errorMessages", "traceId"}
    assert body["traceId"]
    found: list[str] = body["errorMessages"]
    return found
