"""JSON in, bounded in size and depth, without what two readers could understand differently."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, Final

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.core.errors import TooLarge

MAX_DEPTH = 20
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class BoundedJSONParser(BaseParser):
    """application/json of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes and MAX_DEPTH levels."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _announced(parser_context) > limit:
            raise TooLarge("too_large", "The request body is too large.")
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise TooLarge("too_large", "The request body is too large.")
        try:
            return read_object(data)
        except ValueError as error:
            raise ParseError(str(error)) from error


def read_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object (RFC 8259); ValueError, with a text for the caller, for anything else.

    Refused are names that stand twice (another reader may take the other one), halves of
    surrogate pairs (they are no characters) and what is nested deeper than MAX_DEPTH.
    """
    try:
        parsed = json.loads(data.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        text = str(error) if isinstance(error, _Twice) else "The request body is not valid JSON."
        raise ValueError(text) from error
    if not isinstance(parsed, dict):
        raise ValueError("The request body must be a JSON object.")  # noqa: TRY004  data, no type
    _require_plain(parsed, MAX_DEPTH)
    return parsed


class _Twice(ValueError):
    """A name stands twice in an object."""


def _announced(parser_context: Mapping[str, Any] | None) -> int:
    """Content-Length, so that a body that is too large is not even waited for."""
    request = (parser_context or {}).get("request")
    text = request.META.get("CONTENT_LENGTH") if request is not None else None
    return int(text) if text and text.isdigit() else 0


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice("A name stands twice in the request body.")
    return found


def _require_plain(value: Any, levels: int) -> None:
    if levels < 0:
        raise ValueError("The request body is nested too deeply.")
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        raise ValueError("The request body holds half a surrogate pair, which is no character.")
    if isinstance(value, dict):
        for name, item in value.items():
            _require_plain(name, levels)
            _require_plain(item, levels - 1)
    elif isinstance(value, list):
        for item in value:
            _require_plain(item, levels - 1)
