"""Where our authorities answer for the status of what they issued."""

from django.conf import settings

from apps.pki.models import Authority


def ocsp_url() -> str:
    """The one OCSP responder for all our authorities (RFC 6960 A.1)."""
    return f"{settings.PUBLIC_URL}/pki/ocsp"


def crl_url(authority: Authority) -> str:
    """The authority's CRL in DER (RFC 5280 4.2.1.13)."""
    return f"{settings.PUBLIC_URL}/pki/crl/{authority.uuid}.crl"
