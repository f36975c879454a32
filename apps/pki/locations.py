"""Where our authorities answer for the status of what they issued.

STATUS_URL is plain http where a deployment has https elsewhere: who checks the certificate of an
https server must not need another https server for it (RFC 5280 8).
"""

from django.conf import settings

from apps.pki.models import Authority


def ocsp_url() -> str:
    """The one OCSP responder for all our authorities (RFC 6960 A.1)."""
    return f"{_base()}/pki/ocsp"


def crl_url(authority: Authority) -> str:
    """The authority's CRL in DER (RFC 5280 4.2.1.13)."""
    return f"{_base()}/pki/crl/{authority.uuid}.crl"


def _base() -> str:
    return str(settings.STATUS_URL or settings.PUBLIC_URL).rstrip("/")
