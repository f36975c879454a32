"""Pictures of numbers, drawn by the server: stacked columns, or bars that lie.

A picture carries its sentence for those who do not see it, and its numbers as a table. Columns are
SVG whose lengths across are per cent, so text keeps its size; where it is narrow, and for names
that are long, the same numbers lie as bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.core.web.display import number

Text = str | Promise
Look = Literal["main", "pale", "near", "bad", "rest"]
"""What a series is drawn with. The legend names it; the colour only supports it."""

TOP: Final = 20
"""Room for the number on top of the highest column, in pixels, as all lengths upwards."""
FLOOR: Final = 152
GAP: Final = 1
SMALLEST: Final = 2
FILLED: Final = 0.64
"""The part of its place that a column fills."""
WHOLE_FROM: Final = 10_000
"""From here on columns say thousands; where there are more than MANY_SLOTS, at a tenth of it."""
MANY_SLOTS: Final = 12
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted: its name in legend and table, and its look."""

    name: Text
    look: Look = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One column or bar: a number of each series. `looks` replaces those of the series here."""

    label: str
    counts: tuple[int, ...]
    looks: tuple[Look, ...] = ()
    href: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(number(count) for count in self.counts)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a column in pixels from the top, or of a bar in per cent."""

    look: Look
    at: float
    length: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """One slot as it is drawn: where it stands across, in per cent, and its parts."""

    slot: Slot
    left: float
    width: float
    middle: float
    parts: tuple[Part, ...]
    bars: tuple[Part, ...]
    top: float
    text: str

    @property
    def above(self) -> float:
        """Where the number stands."""
        return self.top - 5

    @property
    def hint(self) -> str:
        return f"{self.slot.label}: {' · '.join(self.slot.texts)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One card. `note` is a short line beside the title, `empty` what stands there without rows.

    `first` names the column of the labels. `legend` is what colours mean where these are not the
    series'. `lies` draws bars at any width.
    """

    title: Text
    note: Text = ""
    sentence: Text
    first: Text
    series: tuple[Series, ...]
    slots: tuple[Slot, ...]
    empty: Text
    href: str = ""
    more: Text = ""
    legend: tuple[Series, ...] = ()
    under: Text = ""
    lies: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(slot.total for slot in self.slots)

    @property
    def keys(self) -> tuple[Series, ...]:
        """The legend; one series needs none."""
        return self.legend or (self.series if len(self.series) > 1 else ())

    @property
    def link(self) -> Text:
        return self.more or _("Show list")

    @property
    def rows(self) -> list[tuple[str, list[tuple[Text, str]]]]:
        """The table: each label with the name and the number of each series."""
        names = [one.name for one in self.series]
        return [(slot.label, list(zip(names, slot.texts, strict=True))) for slot in self.slots]

    @property
    def drawn(self) -> list[Drawn]:
        tallest = max((slot.total for slot in self.slots), default=0) or 1
        share = 100 / max(1, len(self.slots))
        return [
            self._drawn(slot, place * share, share, tallest)
            for place, slot in enumerate(self.slots)
        ]

    def _drawn(self, slot: Slot, left: float, share: float, tallest: int) -> Drawn:
        looks = slot.looks or tuple(one.look for one in self.series)
        parts = _stacked(slot.counts, looks, tallest)
        return Drawn(
            slot=slot,
            left=round(left + share * (1 - FILLED) / 2, 2),
            width=round(share * FILLED, 2),
            middle=round(left + share / 2, 2),
            parts=parts,
            bars=_lying(slot.counts, looks, tallest),
            top=min((part.at for part in parts), default=FLOOR),
            text=_short(slot.total, len(self.slots)),
        )


def _stacked(counts: Sequence[int], looks: Sequence[Look], tallest: int) -> tuple[Part, ...]:
    """Stand the parts on each other, the first at the bottom."""
    found, base = [], float(FLOOR)
    for count, look in zip(counts, looks, strict=True):
        if count:
            length = max(SMALLEST, (FLOOR - TOP) * count / tallest)
            base -= length
            found.append(Part(look, round(base, 1), round(max(SMALLEST, length - GAP), 1)))
    return tuple(found)


def _lying(counts: Sequence[int], looks: Sequence[Look], tallest: int) -> tuple[Part, ...]:
    found, at = [], 0.0
    for count, look in zip(counts, looks, strict=True):
        if count:
            length = 100 * count / tallest
            found.append(Part(look, round(at, 2), round(length, 2)))
            at += length
    return tuple(found)


def _short(count: int, slots: int) -> str:
    """The number on a column; large ones in thousands or millions, so that they do not touch."""
    if not count:
        return ""
    whole_from = WHOLE_FROM if slots <= MANY_SLOTS else WHOLE_FROM // 10
    if count < whole_from:
        return number(count)
    if count < MILLION:
        thousands = count / 1000
        short = number_format(thousands, 1 if thousands < 10 else 0, force_grouping=True)
        return _("%(count)sk") % {"count": short}
    return _("%(count)sM") % {"count": number_format(count / MILLION, 1, force_grouping=True)}
