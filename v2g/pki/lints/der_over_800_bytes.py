"""The certificate is longer than charging stations take [V2G2-010]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import MAX_DER_SIZE, Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile, version  # the rule is the same for all
    if len(certificate.der) > MAX_DER_SIZE:
        return f"the certificate has {len(certificate.der)} octets, {MAX_DER_SIZE} are allowed"
    return None
