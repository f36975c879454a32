"""The serial number is too short for 64 random bits (CA/Browser Forum BR 7.1)."""

from typing import Final

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

MIN_BITS: Final = 64


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile, version  # the rule is the same for all
    if certificate.serial.bit_length() < MIN_BITS:
        return "the serial number is too short to be random"
    return None
