"""An extension is critical that stations and vehicles may not know."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile, version  # the rule is the same for all
    if certificate.extensions.not_understood:
        return f"the critical extension {certificate.extensions.not_understood[0]} is not known"
    return None
