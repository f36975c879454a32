"""Bits in and out of EXI streams: the header, octets at any bit offset, Unsigned Integer.

Writing. The stream being written is a plain int, its bits after a leading 1, so that `acc << 3 |
0b010` appends three bits and its length needs no second variable. Long values go to `out`, a list
of finished octets, so that the int stays small.

Reading. The stream is `bytes` with spare zero octets behind it (`padded`), and `pos`, the offset
of the next bit. Reading past the end meets zeros first and IndexError next; the codec turns both
into ExiError. Octet strings are shifted into place in one step, whatever their length.

EXI 1.0 (W3C), 7.1.1 and 7.1.6; the profile of ISO 15118: bit-packed, options out of band.
"""

from typing import Final

from v2g.errors import ExiError

HEADER: Final = 0x80  # distinguishing bits 10, no options, final version 1
_START: Final = 1 << 8 | HEADER
_SPARE: Final = bytes(4)
_FLUSH_AT: Final = 1 << 1024  # from about here on, moving the bits costs more than copying them out
_LENGTH_OCTETS: Final = 4


def start() -> int:
    """A fresh stream: the leading 1 and the header octet."""
    return _START


def finish(acc: int, out: list[bytes]) -> bytes:
    """The whole stream, padded with 0 bits to an octet."""
    length = acc.bit_length() - 1
    acc <<= -length & 7
    out.append(acc.to_bytes((length + 7 >> 3) + 1, "big")[1:])
    return b"".join(out)


def put_octets(acc: int, out: list[bytes], data: bytes) -> int:
    """Append octets at the current bit offset."""
    acc = acc << (len(data) << 3) | int.from_bytes(data, "big")
    if acc < _FLUSH_AT:
        return acc
    length = acc.bit_length() - 1
    spare = length & 7
    out.append((acc >> spare).to_bytes((length >> 3) + 1, "big")[1:])
    return 1 << spare | acc & (1 << spare) - 1


def put_unsigned(acc: int, value: int) -> int:
    """Append an Unsigned Integer: 7 bits an octet, least significant first, the high bit = more."""
    while value > 127:
        acc = acc << 8 | value & 127 | 128
        value >>= 7
    return acc << 8 | value


def padded(data: bytes) -> bytes:
    """The stream with spare octets behind it, its header checked."""
    if not data:
        raise ExiError("empty input", bit=0)
    first = data[0]
    if first >> 6 != 0b10:
        raise ExiError("not an EXI stream: wrong distinguishing bits", bit=0)
    if first != HEADER:
        raise ExiError("EXI header with options or a version other than final 1", bit=2)
    return data + _SPARE


def get_bits(data: bytes, pos: int, width: int) -> int:
    """`width` bits (at most 9) from `pos`."""
    index = pos >> 3
    return (data[index] << 8 | data[index + 1]) >> (16 - width - (pos & 7)) & (1 << width) - 1


def get_octets(data: bytes, pos: int, surplus: int = 0) -> tuple[bytes, int]:
    """A length, less `surplus`, and as many octets; the offset behind them."""
    index = pos >> 3
    shift = pos & 7
    window = (data[index] << 16 | data[index + 1] << 8 | data[index + 2]) >> (8 - shift)
    if not window & 0x8000:  # lengths of one octet, of two, of more
        size = (window >> 8 & 0x7F) - surplus
        index += 1
    elif not window & 0x80:
        size = (window >> 8 & 0x7F | (window & 0x7F) << 7) - surplus
        index += 2
    else:
        size, end = get_unsigned(data, pos, _LENGTH_OCTETS)
        size -= surplus
        index = end >> 3
    if size < 0:
        raise ExiError("string table hit, and the string tables are off", bit=pos)
    if index + size > len(data) - len(_SPARE):
        raise ExiError(f"{size} octets announced, fewer are left", bit=pos)
    end = index + size
    if not shift:
        return data[index:end], end << 3
    moved = int.from_bytes(data[index : end + 1], "big") << shift
    return moved.to_bytes(size + 2, "big")[1:-1], end << 3 | shift


def get_unsigned(data: bytes, pos: int, max_octets: int) -> tuple[int, int]:
    """An Unsigned Integer of at most `max_octets` octets; the offset behind it."""
    value = shift = 0
    for octet_pos in range(pos, pos + (max_octets << 3), 8):
        octet = get_bits(data, octet_pos, 8)
        value |= (octet & 127) << shift
        if octet < 128:
            return value, octet_pos + 8
        shift += 7
    raise ExiError(f"unsigned integer of more than {max_octets} octets", bit=pos)


def get_length(data: bytes, pos: int) -> tuple[int, int]:
    """The length in front of a string or octet string; the offset behind it."""
    return get_unsigned(data, pos, _LENGTH_OCTETS)


def end_of_input(data: bytes) -> int:
    """The number of bits of the padded stream that are input."""
    return (len(data) - len(_SPARE)) << 3
