"""The parts of a detail page as values; templates/portal/cards draws each of them."""

from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.core.web.display import Badge
from apps.core.web.downloads import CertificateFiles

Text = str | Promise
Value = str | Promise | SafeString | Badge | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and its value. `code` sets the value as a code; `copy` puts a button beside it."""

    label: Text
    value: Value
    note: Text = ""
    href: str = ""
    code: bool = False
    copy: bool = False

    @property
    def shown(self) -> Value:
        """The value; a code of pairs and colons may break after each colon."""
        if not self.code or not isinstance(self.value, str) or ":" not in self.value:
            return self.value
        parts = ((part,) for part in self.value.split(":"))
        return format_html_join(SafeString(":<wbr>"), "{}", parts)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What every card has: a title and a few words beside it."""

    template: ClassVar[str] = ""
    title: Text
    note: Text = ""


@dataclass(frozen=True, kw_only=True)
class FactsCard(Card):
    template = "portal/cards/facts.html"
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNode:
    """One certificate of a chain; `below` is what it signed on the way to the shown one.

    `passed` is how much of its validity is over, in per cent; None where that says nothing.
    """

    name: Text
    line: Text
    icon: str
    badge: Badge
    current: bool = False
    href: str = ""
    passed: int | None = None
    below: "ChainNode | None" = None


@dataclass(frozen=True, kw_only=True)
class ChainCard(Card):
    template = "portal/cards/chain.html"
    root: ChainNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was verified, how it went, and what the answer says."""

    name: Text
    badge: Badge
    line: Value = ""

    @property
    def icon(self) -> str:
        """The material symbol that belongs to the tone."""
        icons = {"success": "check", "warning": "priority_high", "danger": "close"}
        return icons.get(self.badge.tone, "info")


@dataclass(frozen=True, kw_only=True)
class ChecksCard(Card):
    template = "portal/cards/checks.html"
    checks: tuple[Check, ...]
    empty: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Cells in the order of the columns; `href` leads from the first one."""

    cells: tuple[Value, ...]
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class TableCard(Card):
    template = "portal/cards/table.html"
    columns: tuple[Text, ...]
    rows: tuple[Row, ...]
    empty: Text


@dataclass(frozen=True, kw_only=True)
class CodeCard(Card):
    """A text that machines write, as it is; it scrolls inside its card."""

    template = "portal/cards/code.html"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """Cards of one question. `key` stands in the address after #."""

    key: str
    title: Text
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A detail page: what is shown, how it stands, and its tabs (the first one opens).

    `files` are for whoever wants the certificate that the page is about.
    """

    heading: Text
    line: Text = ""
    code: bool = False
    badges: tuple[Badge, ...] = ()
    alert: Text = ""
    files: CertificateFiles | None = None
    tabs: tuple[Tab, ...] = field(default_factory=tuple)
