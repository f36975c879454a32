"""Fields of OPCP bodies and paths, from text to typed values; a bad one is 400 with OPCP's text."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.request import Request

from apps.core.api import base64_text
from apps.core.errors import Invalid
from v2g.errors import IdError, V2GError
from v2g.ids import Emaid, Pcid
from v2g.protocol import IsoVersion

BASE64_RULE: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
NOT_SUPPORTED: Final = "xsdMsgDefNamespace is not supported yet"
SESSION_ID_RULE: Final = (
    "Invalid SessionID format, make sure the length is maximum 8 characters"
    " and it is represented in HEX binary"
)
MAX_TEXT: Final = 2000


def body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request; Invalid for anything else."""
    if not isinstance(request.data, dict):
        raise Invalid("body", "The request body must be a JSON object.")
    return request.data


def pcid(value: object) -> Pcid:
    """Read a PCID; Invalid with OPCP's text."""
    try:
        return Pcid.parse(value)  # type: ignore[arg-type]  # parse refuses what is no text
    except IdError as error:
        raise Invalid("pcid_form", str(error)) from error


def emaid(value: object) -> Emaid:
    """Read an EMAID; Invalid with OPCP's text."""
    try:
        return Emaid.parse(value)  # type: ignore[arg-type]  # parse refuses what is no text
    except IdError as error:
        raise Invalid("emaid_form", str(error)) from error


def version(value: object) -> IsoVersion:
    """Read xsdMsgDefNamespace; Invalid for an unknown spelling and, for now, for ISO 15118-20."""
    if value is None:
        raise Invalid("namespace", "xsdMsgDefNamespace : must not be null")
    if not isinstance(value, str):
        raise Invalid("namespace", "xsdMsgDefNamespace : must be a text")
    try:
        found = IsoVersion.parse(value)
    except V2GError as error:
        raise Invalid("namespace", f"xsdMsgDefNamespace : {error}") from error
    if found is not IsoVersion.ISO_2:
        raise Invalid("namespace_unsupported", NOT_SUPPORTED)
    return found


def octets(fields: Mapping[str, Any], name: str, *, path: str = "") -> bytes:
    """Read the base64 text of a required field; Invalid names its path."""
    return decode(fields.get(name), path or name)


def decode(value: object, path: str) -> bytes:
    """Decode base64 of any wrapping, at least one octet; Invalid names the field."""
    if value is None:
        raise Invalid("missing", f"{path} : must not be null")
    found = base64_text.decode(value)
    if not found:
        raise Invalid("base64", f'{path} : must match "{BASE64_RULE}"')
    return found


def text(fields: Mapping[str, Any], *names: str, limit: int = MAX_TEXT) -> str:
    """Read an optional text under the first of several spellings; Invalid when over the limit."""
    value = next((fields[name] for name in names if fields.get(name) is not None), "")
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise Invalid("text", f"{names[0]} : must be a text of at most {limit} characters")
    return value


def root(value: object) -> bytes | uuid.UUID | None:
    """Read cpsV2GRootCertificateFingerprint: SHA-256 in hex (any case, colons) or an RCP uuid."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        plain = value.replace(":", "")
        if re.fullmatch(r"[0-9a-fA-F]{64}", plain):
            return bytes.fromhex(plain)
        if re.fullmatch(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", value):
            return uuid.UUID(value)
    raise Invalid(
        "root_form",
        "cpsV2GRootCertificateFingerprint : must be a SHA-256 fingerprint of 64 hex digits"
        " or the id of the root",
    )


def session_id(value: str) -> bytes:
    """Read a SessionID of up to eight octets; an empty one is a single zero octet."""
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2}){0,8}", value):
        raise Invalid("session_id", SESSION_ID_RULE)
    return bytes.fromhex(value) or b"\x00"


def header_flag(value: str | None, *, default: bool, name: str) -> bool:
    """Read a boolean header; Invalid for anything but true and false."""
    if value is None or value.strip() == "":
        return default
    lowered = value.strip().lower()
    if lowered not in ("true", "false"):
        raise Invalid("header", f"{name} : must be true or false")
    return lowered == "true"
