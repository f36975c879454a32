"""How the status of certificates below a root is learnt."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Source(StrEnum):
    """Where an answer came from. `own` is our table, `none` that no service was named or asked."""

    OWN = "own"
    CRL = "crl"
    OCSP = "ocsp"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StatusPolicy:
    """What a root's operator set for all below it.

    `order`: CRL and OCSP in the order they are tried. `optional`: a certificate that names no
    status service at all is accepted. `max_age`: how old a stored answer may be when it is read.
    """

    order: tuple[Source, ...] = (Source.CRL, Source.OCSP)
    optional: bool = False
    max_age: timedelta = timedelta(days=7)
