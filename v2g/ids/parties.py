"""Who issued an identifier: WMI of a car maker, provider id of an MO, operator id of a CPO."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from v2g.ids.form import require_form

_WMI_MESSAGE: Final = "WMI: three letters or digits are needed"
_WMI_INPUT: Final = re.compile(r"[A-Za-z0-9]{3}")
_WMI: Final = re.compile(r"[A-Z0-9]{3}")
_PARTY: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_PARTY_INPUT: Final = re.compile(r"([A-Za-z]{2})[-*]?([A-Za-z0-9]{3})")


@dataclass(frozen=True, slots=True, order=True)
class Wmi:
    """World manufacturer identifier (ISO 3780): the first three characters of a PCID.

    ISO 3780 excludes I, O and Q, but PCIDs in the field carry them, so only length and alphabet
    are checked.
    """

    text: str

    def __post_init__(self) -> None:
        require_form(_WMI, self.text, _WMI_MESSAGE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a WMI in any case; IdError otherwise."""
        require_form(_WMI_INPUT, value, _WMI_MESSAGE)
        return cls(value.upper())

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class _PartyId:
    """Country (two letters, ISO 3166-1) and party (three letters or digits): `DEABC`."""

    text: str
    title: ClassVar[str] = "party id"

    def __post_init__(self) -> None:
        require_form(_PARTY, self.text, self._message())

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read `DEABC`, `de-abc` or `DE*ABC`; IdError otherwise."""
        match = require_form(_PARTY_INPUT, value, cls._message())
        return cls("".join(match.groups()).upper())

    @classmethod
    def _message(cls) -> str:
        return f"{cls.title}: two letters of the country and three letters or digits are needed"

    @property
    def country(self) -> str:
        """The two letters of the country."""
        return self.text[:2]

    @property
    def party(self) -> str:
        """The three characters of the party within its country."""
        return self.text[2:]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class ProviderId(_PartyId):
    """The first five characters of the EMAIDs of a mobility operator."""

    title: ClassVar[str] = "Provider id"


@dataclass(frozen=True, slots=True, order=True)
class OperatorId(_PartyId):
    """The first five characters of the EVSEIDs and SECCIDs of a charge point operator."""

    title: ClassVar[str] = "Operator id"
