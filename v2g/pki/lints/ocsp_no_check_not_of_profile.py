"""ocsp-nocheck stands elsewhere than on an OCSP responder (RFC 6960 4.2.2.2.1)."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if certificate.extensions.ocsp_no_check != profile.ocsp_no_check:
        return f"ocsp-nocheck is not as on a {profile.name} certificate"
    return None
