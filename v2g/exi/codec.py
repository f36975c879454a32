"""Messages to EXI and back, as documents and as fragments.

Byte-identical to EXIficient with the options of ISO 15118 (schema-informed, bit-packed, not
strict, string tables off). A document is a whole message; a fragment is one element of it, in the
form that XML signatures digest.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal, overload

from v2g.errors import ExiError
from v2g.exi.bits import end_of_input, finish, get_bits, padded, start
from v2g.exi.compile import Compiled
from v2g.exi.datatypes import get_string, put_string
from v2g.exi.put_source import MISTYPED
from v2g.exi.schemas import SCHEMAS, Relaxed, Root, Schema
from v2g.messages import iso2, iso20, xmldsig
from v2g.protocol import IsoVersion

MAX_SIZE: Final = 64 * 1024  # octets; the largest valid message of -2 has about 9,000

Iso20Message = iso20.CertificateInstallationReq | iso20.CertificateInstallationRes
Message = iso2.V2GMessage | Iso20Message
Fragment = (
    iso2.CertificateInstallationReq
    | iso2.CertificateUpdateReq
    | iso2.CertificateChain
    | iso2.ContractSignatureEncryptedPrivateKey
    | iso2.DiffieHellmanPublickey
    | iso2.EMAID
    | iso20.SignedCertificateChain
    | iso20.SignedInstallationData
    | xmldsig.SignedInfo
)
_TOO_SHORT: Final = "the stream ends too early"


def _by_class(roots: Iterable[tuple[Schema, Root]]) -> dict[type, tuple[Schema, Root]]:
    return {root.cls: (schema, root) for schema, root in roots}


_DOCUMENTS: Final = _by_class((s, root) for s in SCHEMAS.values() for root in s.documents)
_FRAGMENTS: Final = _by_class((s, root) for s in SCHEMAS.values() for root in s.fragments)
_TYPES: Final = Compiled([*_DOCUMENTS, *_FRAGMENTS])


def encode(message: Message) -> bytes:
    """The EXI stream of a whole message; ExiError where a value does not fit its type."""
    schema, root = _find(_DOCUMENTS, message)
    out: list[bytes] = []
    acc = start() << schema.document_width | root.code
    return finish(_TYPES.put(root.cls)(acc, out, message), out)


def encode_fragment(element: Fragment) -> bytes:
    """The EXI stream of one element, header octet and padding included, as signatures digest it."""
    schema, root = _find(_FRAGMENTS, element)
    out: list[bytes] = []
    acc = start() << schema.fragment_width | root.code
    if root.relaxed and isinstance(element, iso2.EMAID):
        try:
            acc = _put_relaxed(acc, out, element, root.relaxed)
        except (TypeError, AttributeError) as error:
            raise ExiError(MISTYPED).inside(root.name) from error
    else:
        acc = _TYPES.put(root.cls)(acc, out, element)
    return finish(acc << schema.fragment_width | schema.end, out)


@overload
def decode(
    data: bytes, version: Literal[IsoVersion.ISO_2] = ..., *, max_size: int = ...
) -> iso2.V2GMessage: ...
@overload
def decode(
    data: bytes, version: Literal[IsoVersion.ISO_20], *, max_size: int = ...
) -> Iso20Message: ...
def decode(
    data: bytes, version: IsoVersion = IsoVersion.ISO_2, *, max_size: int = MAX_SIZE
) -> Message:
    """The message of an EXI stream; ExiError for anything else, after reading it at most once.

    `data` is the bare stream, without V2GTP header; more than `max_size` octets are refused unread.
    """
    message: Message = decode_document(data, SCHEMAS[version.schema], max_size=max_size)
    return message


def decode_document(data: bytes, schema: Schema, *, max_size: int = MAX_SIZE) -> Any:
    """The document of a stream of `schema`."""
    return _decode(data, schema.document_width, schema.documents, None, max_size)


def decode_fragment(data: bytes, schema: Schema, *, max_size: int = MAX_SIZE) -> Any:
    """The element of a fragment stream of `schema`."""
    return _decode(data, schema.fragment_width, schema.fragments, schema.end, max_size)


def _find(roots: dict[type, tuple[Schema, Root]], value: object) -> tuple[Schema, Root]:
    found = roots.get(type(value))
    if found is None:
        raise ExiError(f"{type(value).__name__} is not the root of an EXI stream")
    return found


def _decode(
    data: bytes, width: int, roots: tuple[Root, ...], end: int | None, max_size: int
) -> Any:
    if len(data) > max_size:
        raise ExiError(f"more than {max_size} octets")
    stream = padded(data)
    limit = end_of_input(stream)
    try:
        value, pos = _get_root(stream, width, roots)
        if end is not None:
            pos = _get_fragment_end(stream, pos, width, end)
    except IndexError:
        raise ExiError(_TOO_SHORT, bit=limit) from None
    except ExiError as error:
        if error.bit is not None and error.bit > limit:
            error.what, error.bit = _TOO_SHORT, limit
        raise
    if pos > limit:
        raise ExiError(_TOO_SHORT, bit=limit)
    if limit - pos > 7:
        raise ExiError("octets behind the end of the stream", bit=pos)
    return value


def _get_root(stream: bytes, width: int, roots: tuple[Root, ...]) -> tuple[Any, int]:
    code = get_bits(stream, 8, width)
    root = next((root for root in roots if root.code == code), None)
    if root is None:
        raise ExiError(f"root element (code {code}) not read here", bit=8)
    if root.relaxed:
        return _get_relaxed(stream, 8 + width, root.relaxed)
    return _TYPES.get(root.cls)(stream, 8 + width)


def _get_fragment_end(stream: bytes, pos: int, width: int, end: int) -> int:
    if get_bits(stream, pos, width) != end:
        raise ExiError("more than one element in the fragment", bit=pos + width)
    return pos + width


def _put_relaxed(acc: int, out: list[bytes], element: iso2.EMAID, codes: Relaxed) -> int:
    acc = put_string(acc << codes.width | codes.attribute, out, element.id)
    if element.value == "":
        return acc << codes.width | codes.end
    acc = put_string(acc << codes.width | codes.content, out, element.value)
    return acc << codes.content_width | codes.end_after_content


def _get_relaxed(data: bytes, pos: int, codes: Relaxed) -> tuple[iso2.EMAID, int]:
    if get_bits(data, pos, codes.width) != codes.attribute:
        raise ExiError("eMAID without its Id", bit=pos)
    identifier, pos = get_string(data, pos + codes.width)
    event, pos = get_bits(data, pos, codes.width), pos + codes.width
    text = ""
    if event == codes.content:
        text, pos = get_string(data, pos)
        if get_bits(data, pos, codes.content_width) != codes.end_after_content:
            raise ExiError("eMAID with more than text", bit=pos)
        pos += codes.content_width
    elif event != codes.end:
        raise ExiError("eMAID with more than text", bit=pos - codes.width)
    return iso2.EMAID(id=identifier, value=text), pos
