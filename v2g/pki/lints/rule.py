"""What a lint is: a function that tells what is wrong with a certificate of a profile."""

from collections.abc import Callable
from dataclasses import dataclass

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

Rule = Callable[[Certificate, Profile, IsoVersion], str | None]
"""Gives a sentence about the violation, or None."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation; `code` is the name of the rule's module."""

    code: str
    message: str
