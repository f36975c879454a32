"""Our authorities, what they issued and publish; sub-CAs and status of others."""

from apps.pki.models.authorities import Authority, IssuedCertificate, RevocationReason
from apps.pki.models.foreign import (
    ForeignCrl,
    ForeignRevocation,
    OcspAnswer,
    StatusIssuer,
    SubCa,
)
from apps.pki.models.published import PublishedAnswer, PublishedCrl, Responder

__all__ = [
    "Authority",
    "ForeignCrl",
    "ForeignRevocation",
    "IssuedCertificate",
    "OcspAnswer",
    "PublishedAnswer",
    "PublishedCrl",
    "Responder",
    "RevocationReason",
    "StatusIssuer",
    "SubCa",
]
