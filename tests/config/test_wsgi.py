"""Bodies without a length, as HTTP clients of backends stream them."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest
from pytest_django import Settings

from config.wsgi import with_length


def read_by(environ: dict[str, Any]) -> bytes:
    """What an application that believes CONTENT_LENGTH, as Django does, gets to see."""
    seen: list[bytes] = []

    def inner(given: dict[str, Any], _: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(given["wsgi.input"].read(int(given.get("CONTENT_LENGTH") or 0)))
        return []

    with_length(inner)(environ, lambda *_: None)
    return seen[0]


def test_a_body_in_chunks_is_read() -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "Chunked", "wsgi.input": BytesIO(b"body")}
    assert read_by(environ) == b"body"


def test_a_body_in_chunks_is_read_to_one_octet_over_the_limit(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(b"x" * 1000)}
    assert read_by(environ) == b"x" * 11


@pytest.mark.parametrize("length", ["4", "0"])
def test_a_body_with_a_length_stays_as_it_is(length: str) -> None:
    environ = {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"body")}
    assert read_by(environ) == b"body"[: int(length)]
