"""What a JSON body may be before any field of it is looked at."""

import pytest

from apps.core.api import base64_text
from apps.core.api.parsers import read_object

DEEP = b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b'{"a": NaN}', "not valid JSON"),
        (b"[" * 50_000, "not valid JSON"),
        (b"[1]", "must be a JSON object"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "stands twice"),
        (b'{"a": "\\ud800"}', "half a surrogate pair"),
        (b'{"a": [{"\\udfff": 1}]}', "half a surrogate pair"),
        (DEEP, "nested too deeply"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(body: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_object(body)


def test_whole_surrogate_pairs_are_characters() -> None:
    assert read_object(b'{"a": "\\ud83d\\ude97"}') == {"a": "\U0001f697"}


@pytest.mark.parametrize("text", ["AQID", "AQ ID", "AQ\r\nID\n", "AQIDBA==", "AQIDBA", "AQIDBA="])
def test_base64_is_read_in_any_wrapping(text: str) -> None:
    assert base64_text.decode(text) in (b"\x01\x02\x03", b"\x01\x02\x03\x04")


@pytest.mark.parametrize("value", [None, 5, "", "?", "A", "\u00e9", "AQID" * 100])
def test_what_is_no_base64_is_empty(value: object) -> None:
    assert base64_text.decode(value, limit=100) == b""
