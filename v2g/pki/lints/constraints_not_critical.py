"""BasicConstraints or KeyUsage is missing or not critical (ISO 15118-2 Annex F)."""

from typing import Final

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

_NEEDED: Final = {"2.5.29.19", "2.5.29.15"}


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile, version  # the rule is the same for all
    if _NEEDED - certificate.extensions.critical:
        return "BasicConstraints and KeyUsage must be present and critical"
    return None
