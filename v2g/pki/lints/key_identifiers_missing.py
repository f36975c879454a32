"""A key identifier is missing (RFC 5280 4.2.1.1 and 4.2.1.2)."""

from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


def check(certificate: Certificate, profile: Profile, version: IsoVersion) -> str | None:
    """Give the sentence about the violation, or None."""
    del profile, version  # the rule is the same for all
    if not (certificate.extensions.subject_key_id and certificate.extensions.authority_key_id):
        return "subject and authority key identifiers are needed"
    return None
