"""EVSEID and SECCID: what a charge point operator names, and its SECC certificates carry."""

import re
from dataclasses import dataclass, field
from typing import Final, Self

from v2g.errors import IdError
from v2g.ids.form import require_form
from v2g.ids.parties import OperatorId

_EVSE_MESSAGE: Final = "EVSEID: a form like DE*ABC*E45B*78C is needed"
_SECC_MESSAGE: Final = "SECCID: a form like DE-ABC-S and 32 or more letters or digits is needed"
_NAME_MESSAGE: Final = "The common name is neither an EVSEID nor a SECCID"

# OPCP gives 30 characters after the E, the deployed enrolment services 59: the wider bound is read.
_EVSE_INPUT: Final = re.compile(
    r"([A-Za-z]{2})\*?([A-Za-z0-9]{3})\*?([Ee])(?=\**[A-Za-z0-9])([A-Za-z0-9*]{1,59})"
)
_EVSE_KEY: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}E[A-Z0-9]{1,59}")
_SECC_INPUT: Final = re.compile(r"([A-Za-z]{2})-?([A-Za-z0-9]{3})-?([Ss])([A-Za-z0-9-]{32,120})")
_SECC_KEY: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}S[A-Z0-9]{32,58}")


@dataclass(frozen=True, slots=True, order=True)
class EvseId:
    """Country, operator, `E` and an outlet: one charging outlet; no check digit.

    Compared without `*`; `display` keeps them as they came.
    """

    key: str
    display: str = field(compare=False)

    def __post_init__(self) -> None:
        require_form(_EVSE_KEY, self.key, _EVSE_MESSAGE)
        if self.display.replace("*", "") != self.key:
            raise IdError(_EVSE_MESSAGE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read an EVSEID in any case, with or without `*`; IdError otherwise."""
        require_form(_EVSE_INPUT, value, _EVSE_MESSAGE)
        display = value.upper()
        return cls(display.replace("*", ""), display)

    @property
    def operator_id(self) -> OperatorId:
        """The first five characters: which operator may have a certificate for it."""
        return OperatorId(self.key[:5])

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True, order=True)
class SeccId:
    """Country, operator, `S` and a controller id of 32 or more: one communication controller.

    38 to 64 characters without `-`; those count for display only. The optional check digit at the
    end is not checked.
    """

    key: str

    def __post_init__(self) -> None:
        require_form(_SECC_KEY, self.key, _SECC_MESSAGE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a SECCID in any case, with or without `-`; IdError otherwise."""
        require_form(_SECC_INPUT, value, _SECC_MESSAGE)
        return cls(value.upper().replace("-", ""))

    @property
    def operator_id(self) -> OperatorId:
        """The first five characters: which operator may have a certificate for it."""
        return OperatorId(self.key[:5])

    def __str__(self) -> str:
        return self.key


def parse_station_name(value: str) -> EvseId | SeccId:
    """Read the common name of a SECC certificate; IdError where it is neither kind."""
    if isinstance(value, str) and _EVSE_INPUT.fullmatch(value):
        return EvseId.parse(value)
    require_form(_SECC_INPUT, value, _NAME_MESSAGE)
    return SeccId.parse(value)
