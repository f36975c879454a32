"""The extended key usage is not OCSPSigning on a responder, or there is one elsewhere."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if certificate.extensions.extended_key_usage != profile.extended_key_usage:
        return f"the extended key usage is not that of a {profile.name} certificate"
    return None
