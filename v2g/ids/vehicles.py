"""EVCCID: the communication controller of a vehicle, named by its certificate in ISO 15118-20."""

import re
from dataclasses import dataclass
from typing import Final, Self

from v2g.ids.form import require_form
from v2g.ids.parties import Wmi

_MESSAGE: Final = "EVCCID: a WMI, V and further letters or digits, 20 to 64 in all, are needed"
_KEY: Final = re.compile(r"[A-Z0-9]{3}V[A-Z0-9]{16,60}")
_INPUT: Final = re.compile(r"[A-Za-z0-9]{3}[Vv][A-Za-z0-9]{16,60}")


@dataclass(frozen=True, slots=True, order=True)
class EvccId:
    """WMI, `V`, an id of the car maker and a check digit, which is not checked: 20 to 64 in all."""

    text: str

    def __post_init__(self) -> None:
        require_form(_KEY, self.text, _MESSAGE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read an EVCCID in any case; IdError otherwise."""
        require_form(_INPUT, value, _MESSAGE)
        return cls(value.upper())

    @property
    def wmi(self) -> Wmi:
        """The car maker who may have a certificate for it."""
        return Wmi(self.text[:3])

    def __str__(self) -> str:
        return self.text
