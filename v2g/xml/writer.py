"""Messages to XML, by the same declarations as EXI and JSON."""

import base64
import re
from enum import Enum
from typing import Any, Final

from v2g.errors import XmlError
from v2g.exi.codec import Fragment, Message
from v2g.exi.datatypes import NOT_XML
from v2g.exi.schemas import ROOT_NAMES
from v2g.messages import iso2, iso20, xmldsig
from v2g.messages.schema import ComplexType, Datatype, Field, Substitution, declaration

_PREFIXES: Final = {
    iso2.MSG_DEF: "v2gci_d",
    iso2.MSG_HEADER: "v2gci_h",
    iso2.MSG_BODY: "v2gci_b",
    iso2.MSG_DATA_TYPES: "v2gci_t",
    iso20.COMMON_MESSAGES: "v2gci_cm",
    iso20.COMMON_TYPES: "v2gci_ct",
    xmldsig.XMLDSIG: "xmlsig",
}
_NAMES: Final = {cls: name for name, cls in ROOT_NAMES.items()}
_ESCAPES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_SPECIAL: Final = re.compile('[&<>"\t\n\r]')


def write(message: Message | Fragment) -> bytes:
    """The XML text of a message or signed element in UTF-8; XmlError for text XML cannot hold."""
    name = _NAMES.get(type(message))
    if name is None:
        raise XmlError(f"{type(message).__name__} is not the root of an XML text")
    writer = _Writer()
    writer.complex(name, message)
    return writer.finish()


class _Writer:
    """The pieces written so far and the namespaces they need."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._pieces: list[str] = []
        self._namespaces: dict[str, str] = {}

    def finish(self) -> bytes:
        """The whole text; namespaces are declared at the root."""
        root, *rest = self._pieces
        known = "".join(f' xmlns:{prefix}="{ns}"' for ns, prefix in self._namespaces.items())
        start, space, attributes = root.rstrip(">").partition(" ")
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n{start}{known}{space}{attributes}>'
        return (head + "".join(rest)).encode("utf-8")

    def complex(self, name: tuple[str, str], value: Any) -> None:
        """An element of a declared type."""
        declared = declaration(type(value))
        tag = self._qualified(*name)
        self._pieces.append(f"<{tag}{self._attributes(declared, value)}>")
        if declared.text:
            part = getattr(value, declared.text.python_name)
            self._pieces.append(_text(declared.text, part))
        for field in declared.children:
            part = getattr(value, field.python_name)
            for item in part if field.repeated else (part,):
                if item is not None:
                    self._child(field, declared, item)
        self._pieces.append(f"</{tag}>")

    def _child(self, field: Field, declared: ComplexType, value: Any) -> None:
        marker, kind = field.marker, field.kind
        if isinstance(marker, Substitution):
            tag = self._qualified(declared.namespace, marker.name)
            self._pieces.append(f"<{tag}>")
            self.complex((marker.namespace, declaration(type(value)).element_name), value)
            self._pieces.append(f"</{tag}>")
            return
        name = (getattr(marker, "namespace", None) or declared.namespace, field.xsd_name)
        if isinstance(kind, Datatype) or issubclass(kind, Enum):
            tag = self._qualified(*name)
            self._pieces.append(f"<{tag}>{_text(field, value)}</{tag}>")
        else:
            self.complex(name, value)

    def _attributes(self, declared: ComplexType, value: Any) -> str:
        written = ""
        for field in declared.attributes:
            text = getattr(value, field.python_name)
            if text is not None:
                name = field.xsd_name
                if declared.attributes_qualified:
                    name = self._qualified(declared.namespace, name)
                written += f' {name}="{_escape(text)}"'
        return written

    def _qualified(self, namespace: str, local: str) -> str:
        prefix = self._namespaces.setdefault(namespace, _PREFIXES[namespace])
        return f"{prefix}:{local}"


def _text(field: Field, value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        if field.kind is Datatype.HEX:
            return value.hex().upper()
        return base64.b64encode(value).decode("ascii")
    return _escape(str(value))


def _escape(text: str) -> str:
    if found := NOT_XML.search(text):
        raise XmlError(f"text holds U+{ord(found.group()):04X}, which XML cannot")
    return _SPECIAL.sub(lambda special: _ESCAPES[special.group()], text)
