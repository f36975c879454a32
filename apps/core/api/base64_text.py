"""Base64 as clients send it: in one line, wrapped, or with its padding dropped."""

import base64
import binascii


def decode(value: object, *, limit: int | None = None) -> bytes:
    """Decode base64 text of any wrapping; empty bytes for whatever is none or over `limit`."""
    if not isinstance(value, str) or (limit is not None and len(value) > limit):
        return b""
    plain = "".join(value.split()).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
