"""JSON in, bounded in size and depth."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 20


class TooLarge(APIException):
    status_code = 413
    default_detail = "The request body is too large."


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
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise TooLarge
        try:
            parsed = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError("The request body is not valid JSON.") from error
        if not isinstance(parsed, dict):
            raise ParseError("The request body must be a JSON object.")
        if _deeper_than(parsed, MAX_DEPTH):
            raise ParseError("The request body is nested too deeply.")
        return parsed


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _deeper_than(value: Any, levels: int) -> bool:
    if levels < 0:
        return True
    if isinstance(value, dict):
        return any(_deeper_than(item, levels - 1) for item in value.values())
    if isinstance(value, list):
        return any(_deeper_than(item, levels - 1) for item in value)
    return False
