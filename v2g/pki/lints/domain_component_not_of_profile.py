"""The DC is missing or another role's; vehicles tell roles apart by it [V2G2-925]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    wanted = (profile.domain_component,) if profile.domain_component else ()
    if certificate.domain_components != wanted:
        return (
            f"the DC of a {profile.name} certificate must be {profile.domain_component or 'absent'}"
        )
    return None
