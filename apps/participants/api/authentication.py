"""Who calls the API: a bearer token proves the client, its record says what it may."""

from dataclasses import replace

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from structlog import get_logger
from structlog.contextvars import bind_contextvars, get_contextvars

from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.participants import records, tokens

log = get_logger(__name__)


class BearerToken(BaseAuthentication):
    """RFC 6750, with the scheme in any case. `request.auth` becomes the Actor; there is no user."""

    def authenticate(self, request: Request) -> tuple[None, Actor] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            actor = records.actor_of(tokens.verify(token.strip()))
        except tokens.BadToken as error:
            log.info("token_refused", reason=str(error))
            raise AuthenticationFailed("The access token is not valid.") from error
        except Forbidden as error:
            raise AuthenticationFailed(error.message) from error
        bind_contextvars(client_id=actor.identifier)
        return None, replace(actor, request_id=str(get_contextvars().get("request_id", "")))

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
