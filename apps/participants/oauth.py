"""What django-oauth-toolkit is told: client_credentials only, tokens that no table holds."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import OAuth2Error

from apps.participants import selectors, tokens
from apps.participants.hashers import matches
from apps.participants.models import ApiClient

USED_TO_THE: Final = timedelta(minutes=1)
"""How exactly a client's last use is kept: a write for each token would cost the most of it."""


class WrongAudience(OAuth2Error):  # type: ignore[misc]  # untyped library
    """PROTOCOL notes, gap 1: an audience that is not ours is 403 access_denied."""

    error = "access_denied"
    status_code = 403
    description = "The audience is not one of this service."


class ClientCredentials(OAuth2Validator):  # type: ignore[misc]  # untyped library
    """Authenticates API clients; the token it lets out is a JWT, so nothing is stored."""

    def _load_application(self, client_id: str, request: Request) -> ApiClient | None:
        """Read a client that may be used, its organisation along, once for a request.

        The library's own way takes two queries, and could be told to fetch a client id that is a
        URL; nothing here ever goes out for a caller whom nobody knows.
        """
        known = request.client
        if isinstance(known, ApiClient) and known.client_id == client_id:
            return known
        rows = ApiClient.objects.select_related("organization")
        client = rows.filter(client_id=client_id).first()
        usable = client if client and client.is_usable(request) else None
        request.client = usable
        return usable

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Compare with the hashes, one or two; an unhashed secret never matches."""
        return matches(provided_secret, stored_secret)

    def validate_grant_type(
        self,
        client_id: str,
        grant_type: str,
        client: ApiClient,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        request.audience = _audience(request)
        return grant_type == "client_credentials"

    def get_default_scopes(
        self, client_id: str, request: Request, *args: object, **kwargs: object
    ) -> list[str]:
        return tokens.SCOPE.split()

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: ApiClient,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return set(scopes) <= set(tokens.SCOPE.split())

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: object, **kwargs: object
    ) -> None:
        """Keep nothing of the token; note that the client was here, to the minute."""
        now, before = timezone.now(), request.client.last_used_at
        if before is None or now - before >= USED_TO_THE:
            ApiClient.objects.filter(pk=request.client.pk).update(last_used_at=now)


def access_token(request: Request, refresh_token: bool = False) -> str:
    """ACCESS_TOKEN_GENERATOR: the token of a client that has just been read and authenticated."""
    return tokens.issue(selectors.actor_of(request.client), audience=request.audience)


def _audience(request: Request) -> str:
    asked = str(getattr(request, "audience", None) or "").rstrip("/")
    if not asked:
        return str(settings.PUBLIC_URL).rstrip("/")
    if asked not in tokens.audiences():
        raise WrongAudience(request=request)
    return asked
