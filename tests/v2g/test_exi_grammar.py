"""Grammars follow from declarations: the states of known types, and a type declared here alone."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import pytest

from tests.v2g.bits import octets, unsigned
from v2g.errors import ExiError
from v2g.exi.bits import finish, padded, start
from v2g.exi.compile import Compiled
from v2g.exi.grammar import grammar
from v2g.messages import iso2, iso20, xmldsig
from v2g.messages.schema import BASE64, SHORT, STRING, Attribute, Element, declaration, xsd


@pytest.mark.parametrize(
    ("cls", "slot", "filled", "width", "codes"),
    [
        (xmldsig.Reference, -1, 0, 3, 5),
        (xmldsig.Reference, 0, 1, 3, 4),
        (xmldsig.Reference, 1, 1, 2, 3),
        (xmldsig.Reference, 2, 1, 2, 2),
        (xmldsig.Reference, 3, 1, 1, 1),
        (xmldsig.CanonicalizationMethod, 0, 1, 2, 3),
        (xmldsig.SignatureMethod, 0, 1, 3, 4),
        (xmldsig.Transform, 0, 1, 3, 4),
        (xmldsig.KeyInfo, -1, 0, 4, 10),
        (xmldsig.KeyInfo, 0, 1, 4, 9),
        (xmldsig.KeyInfo, 1, 3, 4, 10),
        (xmldsig.SignatureValue, -1, 0, 2, 2),
        (iso2.MessageHeader, 0, 1, 2, 3),
        (iso2.MessageHeader, 1, 1, 2, 2),
        (iso2.MessageHeader, 2, 1, 1, 1),
        (iso2.SubCertificates, 0, 3, 2, 2),
        (iso2.SubCertificates, 0, 4, 1, 1),
        (iso2.ListOfRootCertificateIDs, 0, 20, 2, 2),
        (iso20.ListOfRootCertificateIDs, 0, 19, 2, 2),
        (iso20.ListOfRootCertificateIDs, 0, 20, 1, 1),
        (iso20.SignedInstallationData, 3, 1, 2, 3),
    ],
)
def test_the_states_of_the_schemas(
    cls: type, slot: int, filled: int, width: int, codes: int
) -> None:
    types = grammar(declaration(cls))
    state = types.state(types.after(slot, filled))
    assert (state.width, state.count) == (width, codes)


class Colour(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@xsd("SampleType", "urn:sample", unread=("Later",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A type of no standard: what another message of ISO 15118 would need."""

    zone: Annotated[str | None, Attribute("Zone")] = None
    key: Annotated[str, Attribute("Key")]
    colour: Annotated[Colour | None, Element("Colour")] = None
    note: Annotated[str | None, Element("Note", STRING)] = None
    parts: Annotated[tuple[bytes, ...], Element("Part", BASE64, max_occurs=3)]
    level: Annotated[int | None, Element("Level", SHORT)] = None


KEY = "0" + unsigned(3) + "01101011"  # one event, one bit; "k"
PART = "0" + unsigned(1) + "00000001" + "0"


def test_a_declared_type_is_written_and_read_without_more() -> None:
    types = Compiled([Sample])
    for sample in (
        Sample(key="", parts=(b"",)),
        Sample(zone="z", key="k", colour=Colour.RED, note="n", parts=(b"a", b"b"), level=7),
        Sample(key="k", note="", parts=(b"a", b"b", b"c")),
        Sample(key="k", colour=Colour.GREEN, parts=(b"a",), level=-32768),
    ):
        out: list[bytes] = []
        stream = finish(types.put(Sample)(start(), out, sample), out)
        value, pos = types.get(Sample)(padded(stream), 8)
        assert value == sample
        assert len(stream) * 8 - pos < 8


@pytest.mark.parametrize(
    ("sample", "bits"),
    [
        # Zone 0, Colour 1, Note 2, Part 3; then Part 0, Level 1, Later 2, end 3.
        (Sample(key="k", parts=(b"\x01",)), "011" + PART + "011"),
        # After the third part Level 0, Later 1, end 2; after Level Later 0, end 1.
        (
            Sample(key="k", colour=Colour.BLUE, parts=(b"\x01",) * 3, level=-1),
            "001"
            "0100"
            "01" + PART + "000" + PART + "000" + PART + "00" + "01" + unsigned(0) + "0" + "01",
        ),
        (
            Sample(zone="k", key="k", note="", parts=(b"",)),
            "000" + KEY[1:] + "01" + "1000" + "0" + "1000" + "011",
        ),
    ],
    ids=["least", "full", "empty"],
)
def test_the_codes_of_a_declared_type_are_those_of_the_rules(sample: Sample, bits: str) -> None:
    types = Compiled([Sample])
    out: list[bytes] = []
    stream = finish(types.put(Sample)(start(), out, sample), out)
    assert stream == octets("10000000" + KEY + bits)


def test_events_of_parts_that_are_not_read_are_refused() -> None:
    types = Compiled([Sample])
    stream = octets("10000000" + KEY + "011" + PART + "010" + "0" * 64)
    with pytest.raises(ExiError, match="does not have here"):
        types.get(Sample)(padded(stream), 8)
