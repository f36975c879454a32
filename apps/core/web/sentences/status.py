"""What is wrong with a revocation list, an OCSP request or its answer."""

from typing import Final

from django.utils.translation import gettext_noop as _

TEXTS: Final = (
    _("unknown reason of revocation"),
    _("the CRL is over 32 MB"),
    _("the CRL is a delta list or has an unknown critical extension"),
    _("the CRL is indirect or covers only some reasons"),
    _("the CRL cannot be read"),
    _("the CRL is of another issuer"),
    _("the issuer may not sign CRLs"),
    _("the CRL is not signed by its issuer"),
    _("the CRL is out of date"),
    _("the CRL is of the future"),
    _("the OCSP response cannot be read"),
    _("the OCSP response is not signed by its responder"),
    _("the OCSP response is over 64 KB"),
    _("the OCSP responder gave no answer: %(status)s"),
    _("the OCSP responder is neither the issuer nor delegated by it"),
    _("the OCSP response answers another request"),
    _("the OCSP response is about another certificate"),
    _("the OCSP response is of the future"),
    _("the OCSP response is out of date"),
    _("the OCSP request is over 64 KB"),
    _("the OCSP request names a serial number that no certificate has"),
    _("the OCSP request has a critical extension"),
    _("the OCSP request names its issuer by an unknown hash"),
    _("the nonce of the OCSP request must have 1 to 32 octets"),
    _("the OCSP request cannot be read"),
    _("the signing key is not the key of the responder"),
)
