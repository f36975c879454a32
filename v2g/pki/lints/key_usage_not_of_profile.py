"""The key usages are not exactly those of the profile (ISO 15118-2 Annex F)."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if certificate.extensions.key_usage != profile.key_usage:
        wanted = ", ".join(sorted(profile.key_usage))
        return f"the key usage of a {profile.name} certificate must be {wanted}"
    return None
