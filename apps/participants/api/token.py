"""POST /oauth/token: an API client's secret against an access token (RFC 6749, section 4.4)."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.oauth2_backends import get_oauthlib_core
from structlog import get_logger

from apps.audit.services import record_refusal
from apps.core.addresses import client_address
from apps.core.errors import DomainError, Forbidden, TooMany, Unavailable
from apps.core.throttle import take
from apps.participants import selectors
from apps.participants.api.token_request import read_fields

log = get_logger(__name__)

PER_CLIENT: Final = 30
PER_ADDRESS: Final = 300
DESCRIPTIONS: Final = {
    "invalid_client": "The client is unknown, disabled, or its secret is wrong.",
    "unsupported_grant_type": "Only client_credentials is supported.",
    "invalid_request": "The request is incomplete or malformed.",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: dict[str, Any]


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(View):
    """OPCP `issue-token`. JSON, form or HTTP Basic; errors as {error, error_description}."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        address = client_address(request)
        try:
            take(f"token address {address}", limit=PER_ADDRESS)
            fields = read_fields(request)
            # By both: nobody can lock a client out from somewhere else.
            take(f"token client {fields.get('client_id', '')} {address}", limit=PER_CLIENT)
            answer = _ask(fields)
        except (TooMany, Unavailable) as error:
            answer = _error(error.status, "temporarily_unavailable", error.message)
        except DomainError as error:
            answer = _error(error.status, "invalid_request", error.message)
        return _rendered(answer)


def _ask(fields: dict[str, str]) -> _Answer:
    """Let django-oauth-toolkit authenticate the client and make the token."""
    _, text, status = get_oauthlib_core().server.create_token_response(
        "/oauth/token",
        http_method="POST",
        body=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    content: dict[str, Any] = json.loads(text)
    if status == 200:
        return _Answer(200, content)
    code = str(content.get("error", "invalid_request"))
    answer = _error(
        status, code, str(content.get("error_description") or DESCRIPTIONS.get(code, code))
    )
    _record(fields.get("client_id", ""), code, answer)
    return answer


def _record(client_id: str, code: str, answer: _Answer) -> None:
    """Record a refusal of a client that exists; names that nobody has would only fill the trail."""
    try:
        actor = selectors.actor_of_client(client_id)
    except Forbidden:
        log.info("token_refused", reason=code)
        return
    error = DomainError(code, answer.content["error_description"])
    error.status = answer.status
    record_refusal(actor=actor, action="participants.issue_token", error=error)


def _error(status: int, code: str, description: str) -> _Answer:
    return _Answer(status, {"error": code, "error_description": description})


def _rendered(answer: _Answer) -> HttpResponse:
    response = JsonResponse(answer.content, status=answer.status)
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    if answer.status == 401:
        response["WWW-Authenticate"] = "Basic"
    if answer.status == 429:
        response["Retry-After"] = "60"
    return response
