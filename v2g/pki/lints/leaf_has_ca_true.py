"""A leaf says cA TRUE (ISO 15118-2 Annex F): it could sign certificates."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if not profile.is_ca and certificate.extensions.is_ca:
        return f"a {profile.name} certificate must not be a CA"
    return None
