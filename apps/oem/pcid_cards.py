"""The card that a customer gets with the vehicle: its PCID for people and for cameras.

The mobility operator needs the PCID to conclude a contract; without the card the customer would
have to find it in the vehicle.
"""

from dataclasses import dataclass
from typing import Final

import segno
from django.utils.safestring import SafeString, mark_safe

from v2g.ids import Pcid

GROUP: Final = 4
WITH_CHECK_DIGIT: Final = 18
"""Characters of a PCID whose last one is a check digit; the shorter form has none."""


@dataclass(frozen=True, slots=True)
class PcidCard:
    """What stands on the card. `groups` are for reading aloud and typing, in this order."""

    pcid: str
    groups: tuple[str, ...]
    check_digit: str
    picture: SafeString


def pcid_card(pcid: Pcid) -> PcidCard:
    """Make the card of a vehicle."""
    text = str(pcid)
    has_digit = len(text) == WITH_CHECK_DIGIT
    middle = text[3:-1] if has_digit else text[3:]
    groups = tuple(middle[start : start + GROUP] for start in range(0, len(middle), GROUP))
    digit = text[-1] if has_digit else ""
    return PcidCard(text, (text[:3], *groups), digit, _picture(text))


def _picture(text: str) -> SafeString:
    """The QR code as SVG, made of shapes alone; a PCID has letters and digits only."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(
        scale=6,
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass="pp-pcid__qr",
        lineclass=None,
    )
    return mark_safe(drawn)  # noqa: S308  drawn by the library from a parsed PCID
