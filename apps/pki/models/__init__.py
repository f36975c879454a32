"""Our authorities, what they issued, publish and are asked for; sub-CAs and status of others."""

from apps.pki.models.authorities import Authority, IssuedCertificate, RevocationReason
from apps.pki.models.compromised import CompromisedKey
from apps.pki.models.foreign import (
    ForeignCrl,
    ForeignRevocation,
    OcspAnswer,
    StatusIssuer,
    SubCa,
)
from apps.pki.models.ordered import OrderedCertificate
from apps.pki.models.published import PublishedAnswer, PublishedCrl, Responder
from apps.pki.models.requests import EnrolmentRequest

__all__ = [
    "Authority",
    "CompromisedKey",
    "EnrolmentRequest",
    "ForeignCrl",
    "ForeignRevocation",
    "IssuedCertificate",
    "OcspAnswer",
    "OrderedCertificate",
    "PublishedAnswer",
    "PublishedCrl",
    "Responder",
    "RevocationReason",
    "StatusIssuer",
    "SubCa",
]
