"""PCID: the provisioning certificate identifier, one per vehicle."""

import re
from dataclasses import dataclass
from typing import Final, Self

from v2g.ids.form import require_form
from v2g.ids.parties import Wmi

PCID_RULE: Final = 'pcid : must match "^[a-zA-Z0-9]{17,18}$"'
"""The error text of OPCP for a PCID that does not have its form, word for word."""

_CANONICAL: Final = re.compile(r"[A-Z0-9]{17,18}")
_INPUT: Final = re.compile(r"[A-Za-z0-9]{17,18}")


@dataclass(frozen=True, slots=True, order=True)
class Pcid:
    """Common name of a provisioning certificate [V2G2-933]: WMI, 14 characters, check digit.

    17 or 18 letters and digits, compared without regard to case. No rule of its check digit is
    published, so none is checked, and the 17 and 18 character forms are different PCIDs.
    """

    text: str

    def __post_init__(self) -> None:
        require_form(_CANONICAL, self.text, PCID_RULE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a PCID in any case; IdError with the text of OPCP otherwise."""
        require_form(_INPUT, value, PCID_RULE)
        return cls(value.upper())

    @property
    def wmi(self) -> Wmi:
        """The car maker's identifier: who may publish this PCID."""
        return Wmi(self.text[:3])

    def __str__(self) -> str:
        return self.text
