"""A SessionID is replaced in a finished stream exactly as a fresh encoding would write it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS, Vector
from v2g import exi
from v2g.errors import ExiError

SIGNED = next(v for v in ISO2_DOCUMENTS if v.crypto.get("signature_valid"))


def _encoded_anew(stream: bytes, session_id: bytes) -> bytes:
    message = exi.decode(stream)
    return exi.encode(replace(message, header=replace(message.header, session_id=session_id)))


@given(vector=st.sampled_from(ISO2_DOCUMENTS), session_id=st.binary(max_size=8))
def test_the_result_is_that_of_encoding_the_message_anew(vector: Vector, session_id: bytes) -> None:
    expected = _encoded_anew(vector.exi, session_id)
    assert exi.replace_session_id(vector.exi, session_id) == expected


@given(session_ids=st.lists(st.binary(max_size=8), min_size=1, max_size=4))
def test_only_the_last_of_several_replacements_is_seen(session_ids: list[bytes]) -> None:
    stream = SIGNED.exi
    for session_id in session_ids:
        stream = exi.replace_session_id(stream, session_id)
    assert stream == _encoded_anew(SIGNED.exi, session_ids[-1])


def _with_content_of_length_0(stream: bytes) -> bytes:
    """The empty SessionID as content of length 0 (10 bits) in place of the escape (4 bits)."""
    bits = "".join(f"{octet:08b}" for octet in stream)
    assert bits[17:21] == "1000"
    longer = bits[:17] + "0" + "00000000" + "0" + bits[21:]
    octets = bytes(int(longer[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(longer), 8))
    try:
        exi.decode(octets)
    except ExiError:
        octets = octets[:-1]  # the padding had room for the six bits
    return octets


@pytest.mark.parametrize("vector", ISO2_DOCUMENTS, ids=str)
def test_the_other_form_of_an_empty_session_id_is_replaced_too(vector: Vector) -> None:
    canonical = exi.replace_session_id(vector.exi, b"")
    other = _with_content_of_length_0(canonical)
    assert exi.decode(other) == exi.decode(canonical)
    assert exi.replace_session_id(other, b"\1\2") == exi.replace_session_id(canonical, b"\1\2")
    assert exi.replace_session_id(other, b"") == canonical


def test_more_than_eight_octets_are_refused() -> None:
    with pytest.raises(ExiError, match="at most 8 octets"):
        exi.replace_session_id(SIGNED.exi, bytes(9))


@pytest.mark.parametrize("size", range(6))
def test_a_stream_that_ends_within_the_session_id_is_refused(size: int) -> None:
    with pytest.raises(ExiError):
        exi.replace_session_id(SIGNED.exi[:size], b"\1")


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if not v.is_iso2_document and v.exi[:2] != b"\x80\x98"], ids=str
)
def test_streams_of_other_roots_are_refused(vector: Vector) -> None:
    with pytest.raises(ExiError, match="not a document"):
        exi.replace_session_id(vector.exi, b"\1")
