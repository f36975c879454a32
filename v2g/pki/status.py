"""The answer of a status service about one certificate, whichever way it was asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far a foreign clock may be ahead of ours."""


class Status(Enum):
    """What the issuer says of a certificate (RFC 6960 2.2)."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Source(Enum):
    """Where an answer came from."""

    CRL = "crl"
    OCSP = "ocsp"


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """A verified answer. `reason` has the names of RFC 5280 5.3.1, as keyCompromise; may be empty.

    `next_update` is None where an OCSP responder always has newer information.
    """

    serial: int
    status: Status
    this_update: datetime
    next_update: datetime | None
    source: Source
    revoked_at: datetime | None = None
    reason: str = ""
