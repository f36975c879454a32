"""The path length is not none on a root, 1 on a Sub1, 0 on a Sub2 [V2G2-009]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if certificate.extensions.path_length != profile.path_length:
        wanted = "none" if profile.path_length is None else profile.path_length
        return f"the path length of a {profile.name} certificate must be {wanted}"
    return None
