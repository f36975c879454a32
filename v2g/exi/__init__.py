"""EXI for the certificate messages of ISO 15118: pure Python, byte-identical to EXIficient.

    stream = exi.encode(message)            message = exi.decode(stream)
    octets = exi.encode_fragment(element)   what an XML signature digests

See `v2g.messages` for the messages and `python -m v2g.exi --help` for the command.
"""

from v2g.exi.codec import MAX_SIZE, Fragment, Message, decode, encode, encode_fragment
from v2g.exi.json_form import decode_json, encode_json
from v2g.exi.session import replace_session_id

__all__ = [
    "MAX_SIZE",
    "Fragment",
    "Message",
    "decode",
    "decode_json",
    "encode",
    "encode_fragment",
    "encode_json",
    "replace_session_id",
]
