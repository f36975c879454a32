"""What a decoder must refuse: ExiError, at once and nothing else, with the place in the stream."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.v2g.bits import ANOTHER_ROOT, REQUEST, octets, request, unsigned
from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS, Vector
from v2g import exi
from v2g.errors import ExiError
from v2g.exi.codec import MAX_SIZE, decode_document, decode_fragment
from v2g.exi.schemas import ISO_2, SCHEMAS
from v2g.messages import iso2

SMALL = tuple(sorted(VECTORS, key=lambda vector: len(vector.exi))[:40])


def _decode(vector: Vector, stream: bytes) -> object:
    decode = decode_document if vector.kind == "document" else decode_fragment
    return decode(stream, SCHEMAS[vector.schema])


def _request(stream: bytes) -> iso2.CertificateInstallationReq:
    body = exi.decode(stream).body
    assert isinstance(body, iso2.CertificateInstallationReq)
    return body


def test_the_example_that_these_tests_change_is_a_valid_stream() -> None:
    body = _request(request())
    assert body.id == "id1"
    assert exi.encode(exi.decode(request())) == request()


@pytest.mark.parametrize("first", [0x00, 0x40, 0x7F, 0xC0, 0xFF])
def test_wrong_distinguishing_bits(first: int) -> None:
    with pytest.raises(ExiError, match="distinguishing bits"):
        exi.decode(bytes([first]) + request()[1:])


def test_the_exi_cookie() -> None:
    with pytest.raises(ExiError, match="distinguishing bits"):
        exi.decode(b"$EXI" + request())


def test_a_v2gtp_header() -> None:
    with pytest.raises(ExiError, match="distinguishing bits"):
        exi.decode(bytes.fromhex("01fe800100000018") + request())


@pytest.mark.parametrize("first", [0xA0, 0x90, 0x81, 0x8F], ids=["options", "preview", "2", "16"])
def test_options_and_other_versions(first: int) -> None:
    with pytest.raises(ExiError, match="options or a version"):
        exi.decode(bytes([first]) + request()[1:])


def test_empty_input() -> None:
    with pytest.raises(ExiError, match="empty"):
        exi.decode(b"")


@pytest.mark.parametrize("vector", SMALL, ids=str)
def test_truncation_anywhere(vector: Vector) -> None:
    for size in range(len(vector.exi)):
        with pytest.raises(ExiError):
            _decode(vector, vector.exi[:size])


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_missing_last_octet_and_an_added_one(vector: Vector) -> None:
    with pytest.raises(ExiError, match=r"ends too early|fewer are left"):
        _decode(vector, vector.exi[:-1])
    with pytest.raises(ExiError, match="behind the end"):
        _decode(vector, vector.exi + b"\x00")


def test_padding_bits_are_free() -> None:
    used = sum(map(len, REQUEST.values()))
    stream = bytearray(request())
    stream[-1] |= (1 << (-used % 8)) - 1
    assert exi.decode(bytes(stream)) == exi.decode(request())


@pytest.mark.parametrize("part", ["Id_length", "issuer_length"])
@pytest.mark.parametrize("hit", [0, 1], ids=["local", "global"])
def test_hits_of_the_string_tables(part: str, hit: int) -> None:
    with pytest.raises(ExiError, match="string table"):
        exi.decode(request(**{part: unsigned(hit)}))


@pytest.mark.parametrize(
    "code_point", [0x00, 0x01, 0x0B, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0x110000, 0x1FFFFF]
)
def test_code_points_that_xml_cannot_hold(code_point: int) -> None:
    with pytest.raises(ExiError, match=r"which XML cannot|above U"):
        exi.decode(request(issuer_text=unsigned(code_point)))


@pytest.mark.parametrize("code_point", [0x09, 0x0A, 0x20, 0x7F, 0xE9, 0xD7FF, 0xE000, 0x10FFFF])
def test_code_points_that_xml_can_hold_are_read(code_point: int) -> None:
    body = _request(request(issuer_text=unsigned(code_point)))
    (root,) = body.list_of_root_certificate_ids.root_certificate_id
    assert root.issuer_name == chr(code_point)


@pytest.mark.parametrize(
    ("part", "value", "octets_allowed"),
    [
        ("issuer_text", 65, 3),
        ("issuer_length", 3, 4),
        ("certificate_length", 3, 4),
        ("serial_value", 1, 64),
    ],
)
def test_unsigned_integers_of_more_octets_than_a_valid_value_needs(
    part: str, value: int, octets_allowed: int
) -> None:
    longest = octets_allowed - len(unsigned(value)) // 8
    if part != "issuer_text":
        exi.decode(request(**{part: unsigned(value, longest)}))
    with pytest.raises(ExiError, match="more than"):
        exi.decode(request(**{part: unsigned(value, longest + 1)}))


@pytest.mark.parametrize("part", ["certificate_length", "issuer_length", "Id_length"])
@pytest.mark.parametrize("length", [127, 200, 0x3FFF, 0x0FFFFFFF])
def test_lengths_beyond_the_input(part: str, length: int) -> None:
    with pytest.raises(ExiError, match="fewer are left"):
        exi.decode(request(**{part: unsigned(length)}))


def test_a_fault_code_beyond_the_list() -> None:
    notification = "00" + "0" + "0" + "{}" + "0" + "01"
    header = exi.decode(request(Header_end=notification.format("10") + "01")).header
    assert header.notification == iso2.Notification(fault_code=iso2.FaultCode.UNKNOWN_ERROR)
    with pytest.raises(ExiError, match="no such FaultCode"):
        exi.decode(request(Header_end=notification.format("11") + "01"))


@pytest.mark.parametrize("index", range(26, 32))
def test_a_response_code_beyond_the_list(index: int) -> None:
    start = "".join(list(REQUEST.values())[: list(REQUEST).index("member")])
    stream = octets(start + "000110" + "0" + "0" + f"{index:05b}" + "0" * 400)
    with pytest.raises(ExiError, match="no such ResponseCode"):
        exi.decode(stream)


@pytest.mark.parametrize(
    "part",
    [
        part
        for part, bits in REQUEST.items()
        if bits == "0" and "content" not in part and part != "serial sign"
    ],
)
def test_escapes_that_lead_nowhere(part: str) -> None:
    with pytest.raises(ExiError):
        exi.decode(request(**{part.replace(" ", "_"): "1"}))


@pytest.mark.parametrize(
    "part", ["SessionID content", "certificate content", "issuer content", "serial content"]
)
@pytest.mark.parametrize("deviation", range(1, 8))
def test_deviations_other_than_emptiness(part: str, deviation: int) -> None:
    key = part.replace(" ", "_")
    with pytest.raises(ExiError):
        exi.decode(request(**{key: f"1{deviation:03b}"}))


def test_a_serial_number_cannot_be_empty() -> None:
    parts = {"serial_content": "1000", "serial_sign": "", "serial_value": "", "serial_end": ""}
    with pytest.raises(ExiError, match="no value"):
        exi.decode(request(**parts))


@pytest.mark.parametrize("code", ["11"])
@pytest.mark.parametrize("part", ["Header_end", "List_end"])
def test_codes_behind_the_last_event(part: str, code: str) -> None:
    with pytest.raises(ExiError):
        exi.decode(request(**{part: code}))


@pytest.mark.parametrize("code", [c for c in range(64) if c not in {5, 6, 7, 8}])
def test_body_elements_that_are_not_read(code: int) -> None:
    with pytest.raises(ExiError, match="not read here"):
        exi.decode(request(member=f"{code:06b}"))


@pytest.mark.parametrize("code", [c for c in range(128) if c != 76])
def test_other_documents(code: int) -> None:
    with pytest.raises(ExiError, match="not read here"):
        exi.decode(request(V2G_Message=f"{code:07b}"))


def test_more_roots_than_the_schema_allows() -> None:
    body = _request(request(List_end=ANOTHER_ROOT * 19 + "01"))
    assert len(body.list_of_root_certificate_ids.root_certificate_id) == 20
    with pytest.raises(ExiError, match="more than 20"):
        exi.decode(request(List_end=ANOTHER_ROOT * 20 + "01"))


def _chain(sub_certificates: int, after: str = "11110100") -> bytes:
    """A fragment of a chain; after the fourth sub-certificate the end has one bit."""
    certificate = "0" + unsigned(1) + "11111111" + "0"
    subs = "".join(("0" if n == 0 else "00") + certificate for n in range(sub_certificates))
    end = "0" if sub_certificates == 4 else "01"
    head = "10000000" + "00100001" + "01" + certificate + "00"
    return octets(head + subs + end + "0" + after)


def test_more_sub_certificates_than_the_schema_allows() -> None:
    chain = decode_fragment(_chain(4), ISO_2)
    assert chain.sub_certificates.certificate == (b"\xff",) * 4
    with pytest.raises(ExiError):
        decode_fragment(_chain(5), ISO_2)


def test_a_fragment_with_a_second_element() -> None:
    with pytest.raises(ExiError, match="more than one element"):
        decode_fragment(_chain(1, after="00100001" + "0" * 64), ISO_2)


def test_a_stream_in_strict_mode() -> None:
    # Strict grammars write no bit where a state has one event, and fewer where it has two.
    silent = {part: "" for part, bits in REQUEST.items() if bits == "0" and part != "serial sign"}
    parts = {part.replace(" ", "_"): bits for part, bits in silent.items()}
    with pytest.raises(ExiError):
        exi.decode(request(**{**parts, "List_end": "1"}))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("SessionID_content", "SessionID_length", "SessionID_octets", "SessionID_end"), b""),
        (
            ("certificate_content", "certificate_length", "certificate_octets", "certificate_end"),
            b"",
        ),
        (("issuer_content", "issuer_length", "issuer_text", "issuer_end"), ""),
    ],
    ids=["SessionID", "certificate", "issuer"],
)
def test_both_forms_of_an_empty_value_are_read(parts: tuple[str, ...], expected: object) -> None:
    content, length, value, end = parts
    escape = exi.decode(request(**{content: "1000", length: "", value: "", end: ""}))
    nothing = unsigned(2 if expected == "" else 0)
    assert exi.decode(request(**{length: nothing, value: ""})) == escape
    assert exi.encode(escape) == request(**{content: "1000", length: "", value: "", end: ""})


def test_more_octets_than_the_bound_are_refused_unread() -> None:
    with pytest.raises(ExiError, match=f"more than {MAX_SIZE} octets"):
        exi.decode(request() + bytes(MAX_SIZE))
    with pytest.raises(ExiError, match="more than 10 octets"):
        exi.decode(request(), max_size=10)


def test_an_error_says_where_it_stands() -> None:
    with pytest.raises(ExiError) as caught:
        exi.decode(request(issuer_length=unsigned(0)))
    assert caught.value.path == (
        "V2G_Message",
        "CertificateInstallationReqType",
        "ListOfRootCertificateIDsType",
        "X509IssuerSerialType",
    )
    names = list(REQUEST)
    before = "".join(REQUEST[name] for name in names[: names.index("issuer length")])
    assert caught.value.bit == len(before)
    assert f"(bit {len(before)})" in str(caught.value)


def _tried(vector: Vector, stream: bytes) -> None:
    """Decoding ends in a message that can be written again, or in ExiError."""
    try:
        value = _decode(vector, stream)
    except ExiError:
        return
    if vector.kind == "document":
        assert exi.decode_json(exi.encode(value), schema=vector.schema)  # type: ignore[arg-type]  # of any root
    else:
        exi.encode_fragment(value)  # type: ignore[arg-type]  # of any root


@settings(max_examples=300)
@given(vector=st.sampled_from(VECTORS), data=st.data())
def test_changed_octets_raise_nothing_else(vector: Vector, data: st.DataObject) -> None:
    stream = bytearray(vector.exi)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(1, len(stream) - 1))
        stream[place] = data.draw(st.integers(0, 255))
    _tried(vector, bytes(stream))


@settings(max_examples=200)
@given(vector=st.sampled_from(VECTORS), data=st.data())
def test_inserted_and_deleted_octets_raise_nothing_else(
    vector: Vector, data: st.DataObject
) -> None:
    start = data.draw(st.integers(1, len(vector.exi)))
    end = data.draw(st.integers(start, min(len(vector.exi), start + 8)))
    inserted = data.draw(st.binary(max_size=8))
    _tried(vector, vector.exi[:start] + inserted + vector.exi[end:])


@settings(max_examples=300)
@given(tail=st.binary(max_size=400))
@example(tail=b"\xff" * 400)
@example(tail=bytes(400))
def test_noise_raises_nothing_else(tail: bytes) -> None:
    for vector in (ISO2_DOCUMENTS[0], *SMALL[:3]):
        _tried(vector, vector.exi[:2] + tail)


def test_endless_repetition_ends_with_the_input() -> None:
    # Transform after Transform, each of an empty algorithm, as many as fit into the bound.
    one = "0" + unsigned(2) + "010"
    head = "10000000" + "100000" + "01" + "0" + unsigned(2) + "01" + "0" + "0" + unsigned(2) + "010"
    stream = octets(head + "0" + "011" + "0" + one + ("00" + one) * 30_000)
    with pytest.raises(ExiError):
        decode_fragment(stream[:MAX_SIZE], SCHEMAS["http://www.w3.org/2000/09/xmldsig#"])
