"""Distinguished names: their text for people and a form in which spellings compare.

ISO 15118 messages name roots by an X509IssuerName text, which cars write in any order of its
parts. `Name.key` is what compares there; within a certificate path names are compared by their
octets.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from asn1crypto import core
from cryptography import x509

from v2g.errors import CertificateError
from v2g.pki.reading import UNREADABLE

MAX_TEXT: Final = 1024

_LABELS: Final = {
    "2.5.4.3": "CN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
}
_SAME: Final = {"E": "EMAILADDRESS", "S": "ST", "USERID": "UID", "DOMAINCOMPONENT": "DC"}
_SPECIAL: Final = re.compile(r'([,+"\\<>;=])|^([ #])|( )$')
# One `label=value`; a value is quoted, or a run of characters in which separators are escaped.
_PART: Final = re.compile(
    r"\s*(?P<label>[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^,;+"\\]|\\.)*))\s*(?P<end>[,;+]|$)',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)

NameKey = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Name:
    """A distinguished name: its octets and its (label, value) parts in their order."""

    der: bytes
    parts: tuple[tuple[str, str], ...]

    @classmethod
    def from_x509(cls, name: x509.Name) -> "Name":
        """Read the name as `cryptography` parsed it."""
        parts = ((_label(a.oid.dotted_string), _text(a.value)) for a in name)
        return cls(name.public_bytes(), tuple(parts))

    @property
    def text(self) -> str:
        """RFC 4514 with spaces, last part first: `CN=Root, DC=V2G, O=Org, C=DE`."""
        return ", ".join(f"{label}={_escape(value)}" for label, value in reversed(self.parts))

    @property
    def key(self) -> NameKey:
        """What compares with `name_key`: without order, case and runs of spaces."""
        return _key(self.parts)

    def values(self, label: str) -> tuple[str, ...]:
        """All values of one label, such as `DC`, in their order."""
        return tuple(value for own, value in self.parts if own == label)

    def __str__(self) -> str:
        return self.text


def name_key(text: str) -> NameKey:
    """Read a DN text (RFC 2253 and 4514 and their older spellings) for comparison with `Name.key`.

    CertificateError for a text that is no DN or has over 1,024 characters.
    """
    if len(text) > MAX_TEXT:
        raise CertificateError("the distinguished name is over 1,024 characters long")
    parts: list[tuple[str, str]] = []
    position, end = 0, ","
    while end:
        match = _PART.match(text, position)
        if match is None:
            raise CertificateError("the text is not a distinguished name")
        label, end, position = _label(match["label"].upper()), match["end"], match.end()
        if match["quoted"] is not None:
            parts.append((label, _unescape(match["quoted"])))
        else:
            parts.append((label, _plain(match["plain"])))
    return _key(parts)


def _key(parts: Iterable[tuple[str, str]]) -> NameKey:
    return tuple(sorted((label, " ".join(value.split()).casefold()) for label, value in parts))


def _label(label: str) -> str:
    return _LABELS.get(label) or _SAME.get(label, label)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else "#" + value.hex()


def _escape(value: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(0), value)


def _plain(value: str) -> str:
    """An unquoted value; `#` and hexadecimal digits are the DER of a string."""
    if re.fullmatch(r"#(?:[0-9A-Fa-f]{2})+\s*", value):
        try:
            return str(core.load(bytes.fromhex(value.strip()[1:]), strict=True).native)
        except UNREADABLE as error:
            raise CertificateError("the distinguished name has a broken #value") from error
    return _unescape(value)


def _unescape(value: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return bytes.fromhex(match[1].replace("\\", "")).decode("utf-8", "replace")
        return match[2]

    return _ESCAPE.sub(plain, value)
