"""Who calls a route that is no REST operation: a bearer token, or client id and secret at once."""

from dataclasses import replace
from typing import Final

from django.http import HttpRequest
from structlog import get_logger
from structlog.contextvars import bind_contextvars, get_contextvars

from apps.audit.services import record_refusal
from apps.core.actor import Actor
from apps.core.addresses import client_address
from apps.core.errors import DomainError, Forbidden, Invalid, Unauthenticated
from apps.core.throttle import take
from apps.participants import records, tokens
from apps.participants.api.token_request import basic_credentials
from apps.participants.hashers import matches
from apps.participants.models import ApiClient

log = get_logger(__name__)

WRONG_PER_ADDRESS: Final = 300
"""Wrong secrets a minute; the right one is never counted."""


def actor_of(request: HttpRequest) -> Actor:
    """Return who calls: bearer token (RFC 6750) or HTTP Basic (RFC 7617), the scheme in any case.

    What the caller may do is read from its record, at most 5 s old. Raises Unauthenticated,
    and TooMany for an address that tries secrets.
    """
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    try:
        if scheme.lower() == "bearer":
            actor = records.actor_of(tokens.verify(value.strip()))
        elif scheme.lower() == "basic":
            actor = _of_secret(request)
        else:
            raise Unauthenticated("credentials", "An access token, or client id and secret.")
    except tokens.BadToken as error:
        log.info("token_refused", reason=str(error))
        raise Unauthenticated("token", "The access token is not valid.") from error
    except (Forbidden, Invalid) as error:
        raise Unauthenticated(error.code, error.message) from error
    bind_contextvars(client_id=actor.identifier)
    return replace(actor, request_id=str(get_contextvars().get("request_id", "")))


def _of_secret(request: HttpRequest) -> Actor:
    given = basic_credentials(request)
    client_id, secret = given["client_id"], given["client_secret"]
    stored = (
        ApiClient.objects.filter(client_id=client_id)
        .values_list("client_secret", flat=True)
        .first()
    )
    if stored and secret and matches(secret, stored):
        return records.actor_of(client_id)
    error = Unauthenticated("invalid_client", "The client is unknown or its secret is wrong.")
    if stored:
        _record(client_id, error)
    take(f"secret address {client_address(request)}", limit=WRONG_PER_ADDRESS)
    raise error


def _record(client_id: str, error: DomainError) -> None:
    try:
        actor = records.actor_of(client_id)
    except Forbidden:
        return
    record_refusal(actor=actor, action="participants.authenticate", error=error)
