"""EXI forms of the simple types, as bare values and as whole elements.

An element of a simple type without attributes is written: typed content 0, the value, end 0; with
no text at all it is the escape 1 and the second-level end 000. The other form of emptiness,
content of length 0, is read too. EXI 1.0, 7.1; the string tables are off (valuePartitionCapacity
0), so each string is a miss: its length plus 2, then code points.
"""

import re
from typing import Final

from v2g.errors import ExiError
from v2g.exi.bits import get_bits, get_length, get_octets, get_unsigned, put_octets, put_unsigned
from v2g.messages.schema import Datatype

CODE_POINT_OCTETS: Final = 3  # U+10FFFF has 21 bits
INTEGER_OCTETS: Final = 64  # 448 bits; serial numbers of certificates have up to 160, rarely more
_SHORT_OCTETS: Final = 3
_UNSIGNED_LONG_OCTETS: Final = 10

_MORE: Final = "more content than the type has"
NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def put_binary(acc: int, out: list[bytes], value: bytes) -> int:
    """Octet strings: the number of octets, the octets."""
    return put_octets(_put_length(acc, len(value)), out, value)


def put_string(acc: int, out: list[bytes], value: str) -> int:
    """Strings: always a miss of the string tables."""
    acc = _put_length(acc, len(value) + 2)
    if value.isascii() and value.isprintable():
        return put_octets(acc, out, value.encode("ascii"))
    if found := NOT_XML.search(value):
        raise ExiError(f"text holds U+{ord(found.group()):04X}, which XML cannot")
    return put_octets(acc, out, b"".join(map(_code_point_octets, value)))


def get_string(data: bytes, pos: int) -> tuple[str, int]:
    """Strings; ASCII text is read in one step."""
    octets, end = get_octets(data, pos, 2)
    if octets.isascii():
        text = octets.decode("ascii")
        if text.isprintable():
            return text, end
    else:
        text, end = _get_code_points(data, pos)
    if found := NOT_XML.search(text):
        raise ExiError(f"text holds U+{ord(found.group()):04X}, which XML cannot", bit=pos)
    return text, end


def put_integer(acc: int, _out: list[bytes], value: int) -> int:
    """xs:integer: the sign, then the value, or -value-1 when negative."""
    magnitude = ~value if value < 0 else value
    if magnitude.bit_length() > 7 * INTEGER_OCTETS:
        raise ExiError(f"integer of more than {7 * INTEGER_OCTETS} bits")
    return put_unsigned(acc << 1 | (value < 0), magnitude)


def get_integer(data: bytes, pos: int) -> tuple[int, int]:
    """xs:integer of at most 448 bits."""
    return _get_signed(data, pos, INTEGER_OCTETS)


def put_short(acc: int, out: list[bytes], value: int) -> int:
    """xs:short: 16 bits, coded as xs:integer because its range exceeds 4096."""
    if not -0x8000 <= value <= 0x7FFF:
        raise ExiError(f"{value} is not an xs:short")
    return put_integer(acc, out, value)


def get_short(data: bytes, pos: int) -> tuple[int, int]:
    """xs:short."""
    value, end = _get_signed(data, pos, _SHORT_OCTETS)
    if not -0x8000 <= value <= 0x7FFF:
        raise ExiError(f"{value} is not an xs:short", bit=pos)
    return value, end


def put_unsigned_long(acc: int, _out: list[bytes], value: int) -> int:
    """xs:unsignedLong: 64 bits, no sign."""
    if not 0 <= value < 1 << 64:
        raise ExiError(f"{value} is not an xs:unsignedLong")
    return put_unsigned(acc, value)


def get_unsigned_long(data: bytes, pos: int) -> tuple[int, int]:
    """xs:unsignedLong."""
    value, end = get_unsigned(data, pos, _UNSIGNED_LONG_OCTETS)
    if value >> 64:
        raise ExiError("value beyond xs:unsignedLong", bit=pos)
    return value, end


def put_unsigned_byte(acc: int, _out: list[bytes], value: int) -> int:
    """xs:unsignedByte: 8 bits."""
    if not 0 <= value <= 255:
        raise ExiError(f"{value} is not an xs:unsignedByte")
    return acc << 8 | value


def get_unsigned_byte(data: bytes, pos: int) -> tuple[int, int]:
    """xs:unsignedByte."""
    return get_bits(data, pos, 8), pos + 8


def put_binary_element(acc: int, out: list[bytes], value: bytes) -> int:
    """An element of octets; empty is the escape to the second-level end."""
    if value != b"":
        return put_binary(acc << 1, out, value) << 1
    return acc << 4 | 0b1000


def get_binary_element(data: bytes, pos: int) -> tuple[bytes, int]:
    """An element of octets, from behind its start."""
    if data[pos >> 3] & 128 >> (pos & 7):
        return b"", get_empty(data, pos + 1)
    value, pos = get_octets(data, pos + 1)
    if data[pos >> 3] & 128 >> (pos & 7):
        raise ExiError(_MORE, bit=pos)
    return value, pos + 1


def put_string_element(acc: int, out: list[bytes], value: str) -> int:
    """An element of text; empty is the escape to the second-level end."""
    if value != "":
        return put_string(acc << 1, out, value) << 1
    return acc << 4 | 0b1000


def get_string_element(data: bytes, pos: int) -> tuple[str, int]:
    """An element of text, from behind its start."""
    if data[pos >> 3] & 128 >> (pos & 7):
        return "", get_empty(data, pos + 1)
    value, pos = get_string(data, pos + 1)
    if data[pos >> 3] & 128 >> (pos & 7):
        raise ExiError(_MORE, bit=pos)
    return value, pos + 1


get_binary = get_octets


def get_content(data: bytes, pos: int) -> int:
    """The typed content of an element that cannot be empty: 0."""
    if data[pos >> 3] & 128 >> (pos & 7):
        raise ExiError("no value where one is required", bit=pos)
    return pos + 1


def get_end(data: bytes, pos: int) -> int:
    """The end of an element after its value: 0."""
    if data[pos >> 3] & 128 >> (pos & 7):
        raise ExiError(_MORE, bit=pos)
    return pos + 1


def get_empty(data: bytes, pos: int) -> int:
    """The second-level end, 000: the only deviation from the schema that is read."""
    if get_bits(data, pos, 3):
        raise ExiError("deviation from the schema", bit=pos)
    return pos + 3


FUNCTIONS: Final = {
    Datatype.BASE64: "binary",
    Datatype.HEX: "binary",
    Datatype.STRING: "string",
    Datatype.INTEGER: "integer",
    Datatype.SHORT: "short",
    Datatype.UNSIGNED_LONG: "unsigned_long",
    Datatype.UNSIGNED_BYTE: "unsigned_byte",
}
CAN_BE_EMPTY: Final = frozenset({Datatype.BASE64, Datatype.HEX, Datatype.STRING})


def _put_length(acc: int, length: int) -> int:
    if length < 128:
        return acc << 8 | length
    if length < 16384:
        return acc << 16 | (length & 127 | 128) << 8 | length >> 7
    return put_unsigned(acc, length)


def _code_point_octets(character: str) -> bytes:
    acc = put_unsigned(1, ord(character))
    return acc.to_bytes(CODE_POINT_OCTETS + 1, "big").lstrip(b"\0")[1:]


def _get_code_points(data: bytes, pos: int) -> tuple[str, int]:
    characters = []
    size, pos = get_length(data, pos)
    for _ in range(size - 2):
        code_point, end = get_unsigned(data, pos, CODE_POINT_OCTETS)
        if code_point > 0x10FFFF:
            raise ExiError("code point above U+10FFFF", bit=pos)
        characters.append(chr(code_point))
        pos = end
    return "".join(characters), pos


def _get_signed(data: bytes, pos: int, max_octets: int) -> tuple[int, int]:
    magnitude, end = get_unsigned(data, pos + 1, max_octets)
    negative = data[pos >> 3] & 128 >> (pos & 7)
    return (~magnitude if negative else magnitude), end
