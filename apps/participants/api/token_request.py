"""Reading a token request: JSON, form or HTTP Basic, each bounded."""

import base64
import binascii
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from django.http import HttpRequest

from apps.core.api.parsers import read_object
from apps.core.errors import Invalid, TooLarge, UnsupportedMedia

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
MAX_BODY: Final = 10_000
MAX_FIELD: Final = 500
FIELDS: Final = ("grant_type", "client_id", "client_secret", "audience")


def read_fields(request: HttpRequest) -> dict[str, str]:
    """Read the known fields from body and Basic header; others are ignored. Raises Invalid."""
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLarge("body_size", "The request body is too large.")
    if request.content_type not in ("", JSON, FORM):
        raise UnsupportedMedia("media_type", f"Send the request as {JSON} or {FORM}.")
    pairs = _json_pairs(body) if request.content_type == JSON else _form_pairs(body)
    known = [(name, value) for name, value in pairs if name in FIELDS and value is not None]
    if len({name for name, _ in known}) != len(known):
        raise Invalid("duplicate", "A field stands there twice.")
    fields = {name: _text(name, value) for name, value in known}
    for name, value in basic_credentials(request).items():
        if fields.setdefault(name, value) != value:
            raise Invalid("two_clients", "Header and body name different credentials.")
    return fields


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_FIELD or "\0" in value:
        raise Invalid(name, f"{name} must be a text of at most {MAX_FIELD} characters.")
    return value


def _json_pairs(body: bytes) -> list[tuple[str, Any]]:
    try:
        return list(read_object(body).items())
    except ValueError as error:
        raise Invalid("json", str(error)) from error


def _form_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=20, strict_parsing=False
        )
    except ValueError as error:
        raise Invalid("form", "The request body is not a valid form.") from error


def basic_credentials(request: HttpRequest) -> dict[str, str]:
    """Read client id and secret of HTTP Basic (RFC 6749, section 2.3.1), the scheme in any case.

    Empty without it. Raises Invalid for a header that is malformed.
    """
    scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Invalid("basic", "The Authorization header is malformed.") from error
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise Invalid("basic", "The Authorization header is malformed.")
    return {
        "client_id": _text("client_id", unquote_plus(client_id)),
        "client_secret": _text("client_secret", unquote_plus(secret)),
    }
