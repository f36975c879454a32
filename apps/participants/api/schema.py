"""Description of the token endpoint and its keys."""

from typing import Final

from apps.core.api.shapes import listed, record, ref, text
from apps.participants.api.description import Described

_FORM: Final = "application/x-www-form-urlencoded"

COMPONENTS: Final = {
    "TokenRequest": record(
        {
            "grant_type": text(enum=["client_credentials"]),
            "client_id": text(maxLength=500),
            "client_secret": text(maxLength=500),
        },
        {"audience": text("Optional; the base URL of this service")},
    ),
    "Token": record(
        {
            "access_token": text("A signed token of RFC 9068", minLength=1),
            "token_type": text(enum=["Bearer"]),
            "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds"},
        },
        {"scope": text("The roles of the client")},
    ),
    "TokenError": record({"error": text(minLength=1), "error_description": text(minLength=1)}),
    "KeySet": record({"keys": listed(record({"kty": text(), "kid": text(), "alg": text()}))}),
}

OPERATIONS: Final = (
    Described(
        method="POST",
        path="/oauth/token",
        name="issue-token",
        tag="Access",
        summary="Trade client id and secret for an access token",
        details=(
            "JSON or form; id and secret may stand in HTTP Basic instead. A token is good for a"
            " day, but what it may do is read from the client's record at each call."
        ),
        body=ref("TokenRequest"),
        body_types=("application/json", _FORM),
        answers={200: ref("Token")},
        errors=(400, 401, 403),
        error_shape=ref("TokenError"),
        auth=({},),
    ),
    Described(
        method="GET",
        path="/.well-known/jwks.json",
        name="getKeySet",
        tag="Access",
        summary="Read the keys that verify access tokens",
        answers={200: ref("KeySet")},
        errors=(),
        auth=({},),
    ),
)
