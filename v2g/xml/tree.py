"""Text to a small tree of elements, within bounds and without the dangerous parts of XML."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from xml.parsers import expat

from v2g.errors import XmlError

MAX_SIZE: Final = 256 * 1024  # octets; the largest valid message of -2 has about 15,000
MAX_DEPTH: Final = 16  # a V2G_Message has at most 9
MAX_ELEMENTS: Final = 2000
_SEPARATOR: Final = " "  # no namespace name holds a space


@dataclass(slots=True)
class Node:
    """An element: names are (namespace, local name), the namespace empty where there is none."""

    name: tuple[str, str]
    attributes: dict[tuple[str, str], str]
    children: list["Node"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text directly inside."""
        return "".join(self.texts)


def parse(data: bytes) -> Node:
    """The root element of a UTF-8 XML text; XmlError for the malformed, forbidden or too large."""
    if len(data) > MAX_SIZE:
        raise XmlError(f"more than {MAX_SIZE} octets of XML")
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _forbid("a document type declaration")
    parser.EntityDeclHandler = _forbid("an entity declaration")
    parser.ExternalEntityRefHandler = _forbid("an external entity")
    parser.SkippedEntityHandler = _forbid("an entity")
    parser.ProcessingInstructionHandler = _forbid("a processing instruction")
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed XML: {error}") from None
    if builder.root is None:
        raise XmlError("no element in the XML")
    return builder.root


def _forbid(what: str) -> Callable[..., NoReturn]:
    def refuse(*_arguments: Any) -> NoReturn:
        raise XmlError(f"{what} is not accepted")

    return refuse


class _Builder:
    """Receives what expat reads."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise XmlError(f"more than {MAX_ELEMENTS} elements, or nested deeper than {MAX_DEPTH}")
        node = Node(_split(name), {_split(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        """The innermost element ends."""
        self._open.pop()

    def text(self, text: str) -> None:
        """Text of the innermost element."""
        self._open[-1].texts.append(text)


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(_SEPARATOR)
    return namespace, local
