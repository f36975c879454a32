"""The key is not on the curve of the version [V2G2-007], [V2G20-2674]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile  # the rule is the same for all
    if certificate.curve != version.curve.name:
        return f"the key must be on {version.curve.name}"
    return None
