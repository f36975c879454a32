"""A party's backend: an OAuth 2 client that speaks OPCP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx


class StepFailed(Exception):
    """The other side answered something else than this step needs."""


@dataclass
class Backend:
    """One API client. `http` may carry a base URL and a transport of its own."""

    name: str
    client_id: str
    client_secret: str
    token_url: str
    http: httpx.Client
    _token: str = field(default="", repr=False)

    def token(self) -> str:
        """Return the access token; fetch it once."""
        if not self._token:
            answer = self.http.post(
                self.token_url,
                json={
                    "grant_type": "client_credentials",
                    "client_id": self.client_id,
                    "client_secret": self.client_secret,
                },
            )
            if answer.status_code != 200:
                raise StepFailed(f"{self.name} got no token: {answer.status_code} {answer.text}")
            self._token = str(answer.json()["access_token"])
        return self._token

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        expect: int = 200,
        query: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call an operation with JSON; StepFailed unless it answers with exactly `expect`."""
        found: dict[str, Any] = self.send(
            method, path, expect=expect, json=body, params=query
        ).json()
        return found

    def send(
        self,
        method: str,
        path: str,
        *,
        expect: int = 200,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """Make a request with the token; `content` is what httpx takes as the body and the query.

        StepFailed unless the answer has the status `expect`.
        """
        token = {"Authorization": f"Bearer {self.token()}"}
        answer = self.http.request(method, path, headers={**token, **(headers or {})}, **content)
        if answer.status_code != expect:
            raise StepFailed(
                f"{self.name}: {method} {path} answered {answer.status_code}, not {expect}:"
                f" {answer.text[:300]}"
            )
        return answer


def require(condition: bool, what: str) -> None:
    """Raise StepFailed unless the condition holds."""
    if not condition:
        raise StepFailed(what)
