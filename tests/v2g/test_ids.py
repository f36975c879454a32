"""Identifiers: what is read, what is refused, and the check digit of the EMAID."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2g.errors import IdError
from v2g.ids import (
    Emaid,
    EvseId,
    OperatorId,
    Pcid,
    ProviderId,
    SeccId,
    Wmi,
    parse_station_name,
)

CHECK_DIGITS = [
    ("NN123ABCDEFGHI", "T"),
    ("FRXYZ123456789", "2"),
    ("ITA1B2C3E4F5G6", "4"),
    ("ESZU8WOX834H1D", "R"),
    ("PT73902837ABCZ", "Z"),
    ("DE83DUIEN83QGZ", "D"),
    ("DE83DUIEN83ZGQ", "M"),
    ("DE8AA001234567", "0"),
    ("GBTWK012345678", "V"),
    ("NLTNM000096379", "M"),
    ("NLTNM000122045", "U"),
]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(("key", "digit"), CHECK_DIGITS)
def test_the_check_digit_of_published_emaids_is_computed(key: str, digit: str) -> None:
    emaid = Emaid.parse(key)
    assert emaid.check_digit == digit
    assert str(emaid.with_check_digit) == key + digit


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
    st.text(ALPHABET, min_size=12, max_size=12),
)
def test_the_check_digit_brings_both_matrix_sums_to_zero(country: str, rest: str) -> None:
    text = str(Emaid.parse(country + rest).with_check_digit)
    for half, corner, modulus in ((0, 1, 2), (1, 2, 3)):
        matrix = power = [[0, 1], [1, corner]]
        total = [0, 0]
        for character in text:
            row = divmod(divmod(ALPHABET.index(character), 9)[half], modulus)
            for column in (0, 1):
                total[column] += row[0] * power[0][column] + row[1] * power[1][column]
            power = [
                [sum(power[i][k] * matrix[k][j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)
            ]
        assert [value % modulus for value in total] == [0, 0]


@pytest.mark.parametrize(
    "spelling",
    [
        "DE8AA001234567",
        "de8aa0012345670",
        "DE-8AA-001234567-0",
        "de*8aa*001234567*0",
        "DE8AA-001234567",
        "DE-8AA-001234567-",
    ],
)
def test_all_spellings_of_an_emaid_name_one_contract(spelling: str) -> None:
    emaid = Emaid.parse(spelling)
    assert emaid == Emaid("DE8AA001234567")
    assert hash(emaid) == hash(Emaid("DE8AA001234567"))
    assert emaid.provider_id == ProviderId("DE8AA")
    assert emaid.instance == "001234567"


def test_a_given_fifteenth_character_is_kept_and_judged() -> None:
    wrong = Emaid.parse("DE-8AA-001234567-X")
    assert str(wrong) == "DE8AA001234567X"
    assert wrong.display == "DE-8AA-001234567-X"
    assert not wrong.has_valid_check_digit
    assert wrong.with_check_digit.has_valid_check_digit
    without = Emaid.parse("DE8AA001234567")
    assert without.has_valid_check_digit
    assert without.display == "DE-8AA-001234567"


def test_an_emaid_is_composed_of_provider_and_instance() -> None:
    composed = Emaid.compose(ProviderId.parse("gb-twk"), "012345678")
    assert str(composed) == "GBTWK012345678V"
    with pytest.raises(IdError, match="nine letters or digits"):
        Emaid.compose(ProviderId("GBTWK"), "01234567")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE8AA00123456",
        "DE8AA00123456700",
        "D18AA001234567",
        "DE_8AA001234567",
        "DE8AA00123456_",
        "DE8AA00123456\u0660",
        "DÉ8AA001234567",
        "DE8AA001234567\n",
        " DE8AA001234567",
        "DE--8AA001234567",
        "DE8-AA001234567",
    ],
)
def test_a_malformed_emaid_is_refused_with_the_text_of_opcp(text: str) -> None:
    with pytest.raises(IdError) as refused:
        Emaid.parse(text)
    assert str(refused.value) == (
        r'emaid : must match "^[A-Za-z]{2}[-]?\w{3}[-]?\w{9}[-]?(\w{1})?$"'
    )


@pytest.mark.parametrize("text", ["WVWZZZ1JZXW386752", "wvwzzz1jzxw3867520"])
def test_a_pcid_is_read_in_any_case(text: str) -> None:
    pcid = Pcid.parse(text)
    assert pcid == Pcid(text.upper())
    assert str(pcid) == text.upper()
    assert pcid.wmi == Wmi("WVW")


@pytest.mark.parametrize(
    "text",
    ["", "A" * 16, "A" * 19, "WVWZZZ1JZXW38675_", "WVWZZZ1JZXW38675\u0661", "A" * 17 + "\n"],
)
def test_a_malformed_pcid_is_refused_with_the_text_of_opcp(text: str) -> None:
    with pytest.raises(IdError) as refused:
        Pcid.parse(text)
    assert str(refused.value) == 'pcid : must match "^[a-zA-Z0-9]{17,18}$"'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Pcid, "WVWZZZ1JZXW38675\u0131"),
        (Pcid, "WVWZZZ1JZXW3867\u00df"),
        (Wmi, "WV\u017f"),
        (EvseId, "DE*ICE*E45\u0131"),
        (SeccId, "DEICES" + "1" * 31 + "\u017f"),
        (Emaid, "DE8AA00123456\u0131"),
        (ProviderId, "DEAB\u017f"),
    ],
)
def test_letters_that_turn_into_ascii_in_upper_case_are_refused(
    kind: type[Pcid | Wmi | EvseId | SeccId | Emaid | ProviderId], text: str
) -> None:
    assert text.upper().isascii()
    with pytest.raises(IdError):
        kind.parse(text)


@pytest.mark.parametrize("parse", [Pcid.parse, Emaid.parse, EvseId.parse, parse_station_name])
def test_what_is_no_text_is_refused(parse: Callable[[Any], object]) -> None:
    with pytest.raises(IdError):
        parse(None)


def test_values_exist_only_in_canonical_form() -> None:
    for build in (
        lambda: Pcid("wvwzzz1jzxw386752"),
        lambda: Emaid("de8aa001234567"),
        lambda: Emaid("DE8AA001234567", "x"),
        lambda: EvseId("DEABCE1", "DE*ABC*E2"),
        lambda: EvseId("DEABC", "DEABC"),
        lambda: SeccId("DEABCS1"),
        lambda: ProviderId("de8aa"),
        lambda: Wmi("wv"),
    ):
        with pytest.raises(IdError):
            build()


@pytest.mark.parametrize("text", ["DEABC", "de-abc", "De*aBc"])
def test_party_ids_are_read_with_and_without_separator(text: str) -> None:
    assert str(OperatorId.parse(text)) == "DEABC"
    assert ProviderId.parse(text).country == "DE"
    assert ProviderId.parse(text).party == "ABC"


@pytest.mark.parametrize("text", ["", "DEAB", "DEABCD", "1EABC", "DE_ABC", "DE--ABC", "DEAB\u0660"])
def test_malformed_party_ids_are_refused(text: str) -> None:
    with pytest.raises(IdError, match="Provider id"):
        ProviderId.parse(text)
    with pytest.raises(IdError, match="Operator id"):
        OperatorId.parse(text)


def test_a_provider_and_an_operator_of_one_name_are_not_the_same_value() -> None:
    assert len({ProviderId("DEABC"), OperatorId("DEABC")}) == 2


@pytest.mark.parametrize("text", ["", "AB", "ABCD", "A-C", "AB\u0660"])
def test_a_malformed_wmi_is_refused(text: str) -> None:
    with pytest.raises(IdError, match="WMI"):
        Wmi.parse(text)


def test_evse_ids_are_compared_without_their_stars() -> None:
    starred, plain = EvseId.parse("DE*ICE*E45B*78C"), EvseId.parse("deicee45b78c")
    assert starred == plain
    assert str(starred) == "DEICEE45B78C"
    assert starred.display == "DE*ICE*E45B*78C"
    assert starred.operator_id == OperatorId("DEICE")


@pytest.mark.parametrize(
    "text",
    ["", "DE*ICE*E", "DE*ICE*E***", "DE*ICE*S45", "DE-ICE-E45", "D1*ICE*E45", "DEICEE" + "1" * 60],
)
def test_a_malformed_evse_id_is_refused(text: str) -> None:
    with pytest.raises(IdError, match="EVSEID"):
        EvseId.parse(text)


def test_the_hyphens_of_a_secc_id_are_for_display_only() -> None:
    controller = "0123456789ABCDEF0123456789ABCDEF"
    secc = SeccId.parse(f"de-ice-s{controller.lower()}-7")
    assert secc == SeccId.parse(f"DEICES{controller}7")
    assert secc.operator_id == OperatorId("DEICE")


@pytest.mark.parametrize("rest", ["", "1" * 31, "1" * 59, "1" * 31 + "*"])
def test_a_malformed_secc_id_is_refused(rest: str) -> None:
    with pytest.raises(IdError, match="SECCID"):
        SeccId.parse("DEICES" + rest)


def test_the_common_name_of_a_secc_certificate_is_an_evse_id_or_a_secc_id() -> None:
    assert isinstance(parse_station_name("DE*ICE*E45B*78C"), EvseId)
    assert isinstance(parse_station_name("DEICES" + "1" * 32), SeccId)
    for text in ("cs001", "", "DE*ICE*X45", "DE_ICEE45"):
        with pytest.raises(IdError, match="neither an EVSEID nor a SECCID"):
            parse_station_name(text)
