"""XML to messages, by the same declarations as EXI and JSON."""

import base64
import binascii
import re
from enum import Enum
from typing import Any, Final, TypeVar

from v2g.errors import XmlError
from v2g.exi.codec import Fragment, Message
from v2g.exi.schemas import ROOT_NAMES
from v2g.messages.schema import ComplexType, Datatype, Field, Substitution, declaration
from v2g.xml.tree import MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE, Node, parse

__all__ = ["MAX_DEPTH", "MAX_ELEMENTS", "MAX_SIZE", "read", "read_any"]

_INTEGER: Final = re.compile("[+-]?[0-9]{1,140}")
_SPACE: Final = " \t\r\n"
_T = TypeVar("_T")


def read(data: bytes, expected: type[_T]) -> _T:
    """The message of class `expected` (V2GMessage for whole messages of -2) in an XML text."""
    value = read_any(data)
    if not isinstance(value, expected):
        raise XmlError(f"a {declaration(expected).element_name} is expected")
    return value


def read_any(data: bytes) -> Message | Fragment:
    """The message, or the signed element, of an XML text; XmlError for anything else.

    Elements stand in the order of the schema and in its namespaces. An Id may be written with the
    namespace of its type, as the schemas of -2 want it, or without one, as much of the field does.
    """
    root = parse(data)
    cls = ROOT_NAMES.get(root.name)
    if cls is None:
        raise XmlError("the root is not an element of ISO 15118 that is read here")
    message: Message | Fragment = _read(root, cls)
    return message


def _read(node: Node, cls: type) -> Any:
    declared = declaration(cls)
    values = _attributes(node, declared)
    if declared.text:
        if node.children:
            raise XmlError(f"{node.name[1]}: text is expected, not elements")
        values[declared.text.python_name] = _simple(declared.text, node)
        return cls(**values)
    if node.text.strip(_SPACE):
        raise XmlError(f"{node.name[1]}: elements are expected, not text")
    children = list(node.children)
    for field in declared.children:
        values.update(_take(field, declared, children, node))
    if children:
        raise XmlError(f"{node.name[1]}: an element that the type does not have here")
    return cls(**values)


def _attributes(node: Node, declared: ComplexType) -> dict[str, object]:
    values: dict[str, object] = {}
    left = dict(node.attributes)
    for field in declared.attributes:
        names = (declared.namespace, field.xsd_name), ("", field.xsd_name)
        found = [left.pop(name) for name in names if name in left]
        if len(found) > 1:
            raise XmlError(f"{node.name[1]}: {field.xsd_name} twice")
        if found:
            values[field.python_name] = found[0]
        elif field.required:
            raise XmlError(f"{node.name[1]}: {field.xsd_name} is missing")
    if left:
        raise XmlError(f"{node.name[1]}: an attribute that the type does not have")
    return values


def _take(
    field: Field, declared: ComplexType, children: list[Node], parent: Node
) -> dict[str, object]:
    """The value of `field` from the front of `children`, which lose what was taken."""
    namespace = getattr(field.marker, "namespace", None)
    if isinstance(field.marker, Substitution) or namespace is None:
        namespace = declared.namespace
    name = (namespace, field.xsd_name)
    found: list[Node] = []
    while children and children[0].name == name and (field.repeated or not found):
        found.append(children.pop(0))
    _check_count(field, len(found), parent)
    if field.repeated:
        return {field.python_name: tuple(_value(field, node) for node in found)}
    return {field.python_name: _value(field, found[0])} if found else {}


def _check_count(field: Field, count: int, parent: Node) -> None:
    maximum = getattr(field.marker, "max_occurs", 1)
    if maximum is not None and count > maximum:
        raise XmlError(f"{parent.name[1]}: more than {maximum} {field.xsd_name}")
    if not count and field.required and not field.repeated:
        raise XmlError(f"{parent.name[1]}: {field.xsd_name} is missing")


def _value(field: Field, node: Node) -> object:
    marker = field.marker
    if isinstance(marker, Substitution):
        members = {(marker.namespace, declaration(c).element_name): c for c in field.classes}
        if node.attributes or node.text.strip(_SPACE) or len(node.children) != 1:
            raise XmlError(f"{node.name[1]}: exactly one element is expected")
        (child,) = node.children
        if child.name not in members:
            raise XmlError(f"{node.name[1]}: an element that is not read here")
        return _read(child, members[child.name])
    kind = field.kind
    if isinstance(kind, Datatype) or issubclass(kind, Enum):
        if node.attributes or node.children:
            raise XmlError(f"{node.name[1]}: text is expected")
        return _simple(field, node)
    return _read(node, kind)


def _simple(field: Field, node: Node) -> object:
    kind, text = field.kind, node.text
    if kind is Datatype.STRING:
        return text
    try:
        if kind is Datatype.BASE64:
            return base64.b64decode("".join(text.split()), validate=True)
        if kind is Datatype.HEX:
            return binascii.unhexlify(text.strip(_SPACE))
        if isinstance(kind, type):
            return kind(text)
    except ValueError:
        raise XmlError(f"{node.name[1]}: not a value of its type") from None
    if not _INTEGER.fullmatch(text.strip(_SPACE)):
        raise XmlError(f"{node.name[1]}: not an integer")
    return int(text)
