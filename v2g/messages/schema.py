"""The words in which message types are declared: once, for their EXI, XML and JSON forms alike.

A type is a frozen dataclass whose annotations carry the XSD: the Python type says what a program
holds (bytes, str, int, an Enum, another declared class, `| None` for optional, `tuple[..., ...]`
for repeated) and the marker beside it says how the schema names and bounds it:

    @xsd("CertificateChainType", MSG_DATA_TYPES)
    @dataclass(frozen=True, slots=True, kw_only=True)
    class CertificateChain:
        id: Annotated[str | None, Attribute("Id")] = None
        certificate: Annotated[bytes, Element("Certificate", BASE64)]
        sub_certificates: Annotated[SubCertificates | None, Element("SubCertificates")] = None

The order of the fields is the order of the schema. What the schema allows and this project never
reads is named too (`unread`, `or_unread`), because it takes part in the numbering of EXI event
codes.
"""

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Final, TypeVar, get_args, get_origin

ANY: Final = "*"  # a wildcard of the schema (xs:any)
_T = TypeVar("_T")


class Datatype(Enum):
    """The simple types of the certificate messages; enumerations are declared by their Enum."""

    BASE64 = "xs:base64Binary"
    HEX = "xs:hexBinary"
    STRING = "xs:string"
    INTEGER = "xs:integer"
    SHORT = "xs:short"
    UNSIGNED_LONG = "xs:unsignedLong"
    UNSIGNED_BYTE = "xs:unsignedByte"


BASE64: Final = Datatype.BASE64
HEX: Final = Datatype.HEX
STRING: Final = Datatype.STRING
INTEGER: Final = Datatype.INTEGER
SHORT: Final = Datatype.SHORT
UNSIGNED_LONG: Final = Datatype.UNSIGNED_LONG
UNSIGNED_BYTE: Final = Datatype.UNSIGNED_BYTE


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute; its value is always text here (xs:ID, xs:anyURI)."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """The text of an element with attributes (xs:simpleContent)."""

    datatype: Datatype


@dataclass(frozen=True, slots=True)
class Element:
    """A child element.

    `datatype` for simple types; left out where the annotation names an Enum or a declared class.
    `namespace` for a reference to an element of another schema. `max_occurs` None is unbounded.
    `choice` joins neighbours of which exactly one is present. `unrolled` False: the states of EXI
    do not know the bound. `or_unread` names other members of a repeated choice.
    """

    name: str
    datatype: Datatype | None = None
    namespace: str | None = None
    max_occurs: int | None = 1
    choice: str | None = None
    unrolled: bool = True
    or_unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Substitution:
    """An element whose only child is one member of a substitution group.

    `group` lists every member in the order of its event codes, declared here or not; `namespace`
    is that of the members. The declared members are the classes in the union of the annotation.
    """

    name: str
    group: tuple[str, ...]
    namespace: str


Marker = Attribute | Text | Element | Substitution


@dataclass(frozen=True, slots=True)
class Field:
    """One annotated field of a declared class, its annotation taken apart."""

    python_name: str
    marker: Marker
    classes: tuple[type, ...]
    required: bool
    repeated: bool

    @property
    def xsd_name(self) -> str:
        """The name in the schema; "value" for the text of an element with attributes."""
        return "value" if isinstance(self.marker, Text) else self.marker.name

    @property
    def kind(self) -> "Datatype | type":
        """The simple datatype, or the Enum or declared class of the value."""
        datatype = None
        if isinstance(self.marker, Attribute):
            datatype = STRING
        elif isinstance(self.marker, Element | Text):
            datatype = self.marker.datatype
        return datatype or self.classes[0]


@dataclass(frozen=True, slots=True)
class ComplexType:
    """The declaration of a class: what the three forms are made from."""

    cls: type
    name: str
    namespace: str
    fields: tuple[Field, ...]
    element_name: str
    attributes_qualified: bool
    mixed: bool
    unread: tuple[str, ...]

    @property
    def attributes(self) -> tuple[Field, ...]:
        """Attributes in the order of EXI: by local name."""
        found = [field for field in self.fields if isinstance(field.marker, Attribute)]
        return tuple(sorted(found, key=lambda field: field.xsd_name))

    @property
    def children(self) -> tuple[Field, ...]:
        """Child elements in the order of the schema."""
        return tuple(f for f in self.fields if isinstance(f.marker, Element | Substitution))

    @property
    def text(self) -> Field | None:
        """The text content, where the type has simple content."""
        return next((field for field in self.fields if isinstance(field.marker, Text)), None)


_DECLARED: dict[type, ComplexType] = {}


def xsd(
    name: str,
    namespace: str,
    *,
    element: str | None = None,
    mixed: bool = False,
    unread: tuple[str, ...] = (),
    attributes_qualified: bool = False,
) -> Callable[[type[_T]], type[_T]]:
    """Declare a dataclass as the XSD type `name`, whose child elements live in `namespace`.

    `element` is the name of its global element where that differs from the name of the class;
    `unread` lists the optional children after the declared ones, in the order of their event
    codes.
    """

    def declare(cls: type[_T]) -> type[_T]:
        _DECLARED[cls] = ComplexType(
            cls=cls,
            name=name,
            namespace=namespace,
            fields=_fields(cls),
            element_name=element or cls.__name__,
            attributes_qualified=attributes_qualified,
            mixed=mixed,
            unread=unread,
        )
        return cls

    return declare


def declaration(cls: type) -> ComplexType:
    """The declaration of a message class; KeyError for any other class."""
    return _DECLARED[cls]


def is_declared(cls: object) -> bool:
    """Whether `cls` is a class declared with `xsd`."""
    return isinstance(cls, type) and cls in _DECLARED


def _fields(cls: type) -> tuple[Field, ...]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return tuple(_field(field.name, hints[field.name]) for field in fields(cls))


def _field(python_name: str, annotated: object) -> Field:
    hint, marker = get_args(annotated)
    arms = get_args(hint) if get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    required = type(None) not in arms
    arms = tuple(arm for arm in arms if arm is not type(None))
    repeated = get_origin(arms[0]) is tuple
    if repeated:
        arms = (get_args(arms[0])[0],)
    return Field(python_name, marker, arms, required, repeated)
