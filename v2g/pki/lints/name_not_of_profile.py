"""The common name is not the one identifier that the profile asks for."""

from typing import Final

from v2g.pki.certificate import Certificate
from v2g.pki.name_rules import fits
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

MAX_LENGTH: Final = 64


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    name = certificate.common_name
    if not 1 <= len(name) <= MAX_LENGTH:
        return "one common name of 1 to 64 characters is needed"
    if not fits(profile.name_rule, name):
        return f"the common name of a {profile.name} certificate must be: {profile.name_rule.value}"
    return None
