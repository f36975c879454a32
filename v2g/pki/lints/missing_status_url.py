"""No OCSP address on what is no root or responder [V2G2-871..876], [V2G20-2590]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del version  # the rule is the same for all
    if profile.needs_status_url and not certificate.extensions.ocsp_urls:
        return f"a {profile.name} certificate must name an OCSP responder"
    return None
