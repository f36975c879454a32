"""Our authorities and what they issued; sub-CAs and status of others."""

from apps.pki.models.authorities import Authority, IssuedCertificate, RevocationReason
from apps.pki.models.foreign import ForeignCrl, ForeignRevocation, OcspAnswer, SubCa

__all__ = [
    "Authority",
    "ForeignCrl",
    "ForeignRevocation",
    "IssuedCertificate",
    "OcspAnswer",
    "RevocationReason",
    "SubCa",
]
