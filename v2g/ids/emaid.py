"""EMAID: the e-mobility account identifier that names a charging contract."""

import re
from dataclasses import dataclass, field
from typing import Final, Self

from v2g.errors import IdError
from v2g.ids.check_digit import check_digit
from v2g.ids.form import require_form
from v2g.ids.parties import ProviderId

EMAID_RULE: Final = r'emaid : must match "^[A-Za-z]{2}[-]?\w{3}[-]?\w{9}[-]?(\w{1})?$"'
"""The error text of OPCP for an EMAID that does not have its form, word for word."""

_INPUT: Final = re.compile(
    r"([A-Za-z]{2})[-*]?([A-Za-z0-9]{3})[-*]?([A-Za-z0-9]{9})[-*]?([A-Za-z0-9])?"
)
_KEY: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{12}")
_ONE: Final = re.compile(r"[A-Z0-9]")
_INSTANCE: Final = re.compile(r"[A-Za-z0-9]{9}")


@dataclass(frozen=True, slots=True, order=True)
class Emaid:
    """Country (2), provider (3), instance (9) and an optional check digit [V2G2-108].

    Two EMAIDs are the same contract when their first 14 characters are: `key`. The 15th, where
    one was given, is kept as it came (contracts of the field carry arbitrary ones) and takes no
    part in equality.
    """

    key: str
    given_check_digit: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        require_form(_KEY, self.key, EMAID_RULE)
        if self.given_check_digit is not None:
            require_form(_ONE, self.given_check_digit, EMAID_RULE)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read 14 or 15 characters in any case, `-` or `*` between the parts; else IdError."""
        match = require_form(_INPUT, value, EMAID_RULE)
        country, provider, instance, digit = match.groups()
        return cls(f"{country}{provider}{instance}".upper(), digit.upper() if digit else None)

    @classmethod
    def compose(cls, provider_id: ProviderId, instance: str) -> Self:
        """Make the EMAID, with its check digit, of a contract instance (nine letters or digits)."""
        if _INSTANCE.fullmatch(instance) is None:
            raise IdError("EMAID instance: nine letters or digits are needed")
        return cls(f"{provider_id}{instance.upper()}").with_check_digit

    @property
    def check_digit(self) -> str:
        """The computed check digit, whether or not one was given."""
        return check_digit(self.key)

    @property
    def has_valid_check_digit(self) -> bool:
        """False only where a 15th character was given and is not the computed one."""
        return self.given_check_digit in (None, self.check_digit)

    @property
    def with_check_digit(self) -> Self:
        """The same contract with the computed check digit as its 15th character."""
        return type(self)(self.key, self.check_digit)

    @property
    def provider_id(self) -> ProviderId:
        """The first five characters: which mobility operator the contract is of."""
        return ProviderId(self.key[:5])

    @property
    def instance(self) -> str:
        """The nine characters of the contract within its provider."""
        return self.key[5:]

    @property
    def display(self) -> str:
        """The form for people: `DE-ABC-C12345678-X`."""
        parts = [self.key[:2], self.key[2:5], self.key[5:]]
        return "-".join([*parts, self.given_check_digit] if self.given_check_digit else parts)

    def __str__(self) -> str:
        return self.key + (self.given_check_digit or "")
