"""The validity is empty, reversed or longer than the profile allows."""

from datetime import timedelta

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    validity = certificate.not_after - certificate.not_before
    if validity <= timedelta(0):
        return "the certificate ends before it begins"
    if validity > profile.max_validity:
        return f"a {profile.name} certificate may be valid for {profile.max_validity.days} days"
    return None
