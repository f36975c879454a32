"""The JSON form of messages: element names of the XSD as keys.

Attributes are plain keys, the text of an element with attributes is "value", base64Binary is
base64, hexBinary upper-case hex, repeated elements are always arrays. The forms are made from the
same declarations as EXI and XML.
"""

import base64
import binascii
from enum import Enum
from typing import Any, Literal

from v2g.errors import ExiError
from v2g.exi import codec
from v2g.exi.schemas import SCHEMAS, Root, Schema
from v2g.messages.schema import Datatype, Field, Substitution, declaration

Kind = Literal["document", "fragment"]
Json = dict[str, Any]


def encode_json(obj: Json, *, schema: str, kind: Kind = "document") -> bytes:
    """The EXI stream of a JSON form; ExiError for what the schema (a namespace) lacks."""
    roots = _roots(schema, kind)
    if not isinstance(obj, dict) or len(obj) != 1:
        raise ExiError("the JSON form is an object with one member, the root element")
    ((name, content),) = obj.items()
    root = next((root for root in roots if root.name == name), None)
    if root is None:
        raise ExiError("unknown root element in the JSON form")
    message = from_json(root.cls, content)
    return codec.encode(message) if kind == "document" else codec.encode_fragment(message)


def decode_json(
    data: bytes, *, schema: str, kind: Kind = "document", max_size: int = codec.MAX_SIZE
) -> Json:
    """The JSON form of an EXI stream."""
    roots = _roots(schema, kind)
    read = codec.decode_document if kind == "document" else codec.decode_fragment
    value = read(data, SCHEMAS[schema], max_size=max_size)
    name = next(root.name for root in roots if root.cls is type(value))
    return {name: to_json(value)}


def to_json(value: Any) -> Json:
    """The JSON form of a message or a part of one, without its own name."""
    form: Json = {}
    for field in declaration(type(value)).fields:
        part = getattr(value, field.python_name)
        if part is None or part == ():
            continue
        if isinstance(field.marker, Substitution):
            form[field.xsd_name] = {declaration(type(part)).element_name: to_json(part)}
        elif field.repeated:
            form[field.xsd_name] = [_simple_or_complex(field, item) for item in part]
        else:
            form[field.xsd_name] = _simple_or_complex(field, part)
    return form


def from_json(cls: type, form: object) -> Any:
    """The message, or part of one, in a JSON form; ExiError where it does not fit."""
    declared = declaration(cls)
    if not isinstance(form, dict):
        raise ExiError(f"{declared.name}: an object is expected")
    unknown = set(form) - {field.xsd_name for field in declared.fields}
    if unknown:
        raise ExiError(f"{declared.name}: unknown members in the JSON form")
    values: dict[str, object] = {}
    for field in declared.fields:
        if field.xsd_name in form:
            try:
                values[field.python_name] = _parse(field, form[field.xsd_name])
            except ExiError as error:
                raise error.inside(field.xsd_name) from None
        elif field.repeated:
            values[field.python_name] = ()  # an empty list is no member at all
        elif field.required:
            raise ExiError(f"{declared.name}: {field.xsd_name} is missing")
    return cls(**values)


def _roots(schema: str, kind: str) -> tuple[Root, ...]:
    found: Schema | None = SCHEMAS.get(schema)
    if found is None:
        raise ExiError("unknown schema; known: " + ", ".join(SCHEMAS))
    if kind not in {"document", "fragment"}:
        raise ExiError("the kind of a stream is document or fragment")
    return found.documents if kind == "document" else found.fragments


def _simple_or_complex(field: Field, value: Any) -> object:
    if isinstance(value, bytes):
        return value.hex().upper() if field.kind is Datatype.HEX else _base64(value)
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, str | int) else to_json(value)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _parse(field: Field, form: object) -> object:
    if isinstance(field.marker, Substitution):
        return _parse_member(field, form)
    if not field.repeated:
        return _parse_one(field, form)
    if not isinstance(form, list):
        raise ExiError("an array is expected")
    return tuple(_parse_one(field, item) for item in form)


def _parse_member(field: Field, form: object) -> object:
    if not isinstance(form, dict) or len(form) != 1:
        raise ExiError("an object with one member is expected")
    ((name, content),) = form.items()
    for cls in field.classes:
        if declaration(cls).element_name == name:
            return from_json(cls, content)
    raise ExiError("an element that is not read here")


def _parse_one(field: Field, form: object) -> object:
    kind = field.kind
    if not isinstance(kind, Datatype):
        return _parse_enum(kind, form) if issubclass(kind, Enum) else from_json(kind, form)
    if kind in {Datatype.BASE64, Datatype.HEX, Datatype.STRING}:
        if not isinstance(form, str):
            raise ExiError("a string is expected")
        return form if kind is Datatype.STRING else _parse_binary(kind, form)
    if not isinstance(form, int) or isinstance(form, bool):
        raise ExiError("an integer is expected")
    return form


def _parse_enum(kind: type[Enum], form: object) -> Enum:
    try:
        return kind(form)
    except ValueError:
        raise ExiError(f"not a value of {kind.__name__}") from None


def _parse_binary(kind: Datatype, form: str) -> bytes:
    try:
        if kind is Datatype.HEX:
            return binascii.unhexlify(form)
        return base64.b64decode(form, validate=True)
    except ValueError:
        raise ExiError(f"not {kind.value}") from None
