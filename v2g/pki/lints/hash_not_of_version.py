"""The signature does not use the hash of the version [V2G2-006], [V2G20-2674]."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile  # the rule is the same for all
    if certificate.signature_hash != version.hash_algorithm.name:
        return f"the signature must use {version.hash_algorithm.name}"
    return None
