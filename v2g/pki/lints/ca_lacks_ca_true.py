"""A root or sub-CA lacks cA TRUE (RFC 5280 4.2.1.9)."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if profile.is_ca and not certificate.extensions.is_ca:
        return f"a {profile.name} certificate must say cA TRUE"
    return None
