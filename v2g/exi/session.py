"""Another SessionID in a finished stream, without encoding the message again.

The XML signature covers elements of the body, not the header, so signed contract data is stored as
a ready stream and gets the SessionID of each session. SessionID is the first value of a -2
document: its length stands from bit 18 on, it has whole octets, so everything behind it keeps its
place within an octet.
"""

from dataclasses import replace
from typing import Final

from v2g.errors import ExiError
from v2g.exi.codec import MAX_SIZE, decode, encode

MAX_SESSION_ID: Final = 8  # sessionIDType, octets

_PREFIX: Final = bytes([0x80, 0x98])  # header, V2G_Message, Header
_LENGTH_AT: Final = 2  # the octet of bits 16 to 23: SessionID 0, content 0, six bits of the length


def replace_session_id(exi: bytes, session_id: bytes) -> bytes:
    """The -2 document `exi` with `session_id` (0 to 8 octets), as a fresh encoding would give it.

    `exi` comes from `encode`; what follows the SessionID is copied unread. An empty SessionID has
    a form of its own that moves everything behind it by bits: to and from it, the message is
    encoded anew. ExiError for other streams.
    """
    size = len(session_id)
    if size > MAX_SESSION_ID:
        raise ExiError(f"a SessionID has at most {MAX_SESSION_ID} octets")
    if len(exi) > MAX_SIZE:
        raise ExiError(f"more than {MAX_SIZE} octets")
    if exi[:_LENGTH_AT] != _PREFIX or len(exi) < _LENGTH_AT + 3 or exi[_LENGTH_AT] & 0x80:
        raise ExiError("not a document of ISO 15118-2", bit=0)
    if not size or exi[_LENGTH_AT] & 0x40:
        message = decode(exi)
        return encode(replace(message, header=replace(message.header, session_id=session_id)))
    present = (exi[_LENGTH_AT] & 0x3F) << 2 | exi[_LENGTH_AT + 1] >> 6
    rest = (
        _LENGTH_AT + 1 + present
    )  # its lower six bits follow the SessionID, first of them its end
    if present > MAX_SESSION_ID or rest >= len(exi) or exi[rest] & 0x20:
        raise ExiError("the SessionID of the stream cannot be replaced", bit=18)
    value = (size << (size << 3) | int.from_bytes(session_id, "big")) << 6 | exi[rest] & 0x3F
    return _PREFIX + value.to_bytes(size + 2, "big") + exi[rest + 1 :]
