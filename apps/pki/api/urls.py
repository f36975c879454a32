"""Routes; `apps.pki.locations` writes those of OCSP and CRL into certificates."""

from typing import Final

from django.urls import URLPattern, path, re_path
from django.views import View

from apps.pki.api import ocsp
from apps.pki.api.crl import Crl
from apps.pki.api.est import CaCertificates, CsrAttributes, SimpleEnrol, SimpleReEnrol

_BEFORE: Final = (
    r"^(?:\.well-known/)?(?:est/)?(?P<label>(?:[A-Za-z0-9_]{1,40}-)?(?:mo|emsp|cpo|oem|cps|veh))/"
    r"(?P<appended>\.well-known/est/)?"  # strongSwan's client adds this to the URL it is given
)
_AFTER: Final = r"(?:/(?P<first>[A-Za-z0-9-]{1,20}))?(?:/(?P<second>[A-Za-z0-9-]{1,20}))?/?$"


def _est(operation: str, view: type[View], method: str) -> URLPattern:
    """Every form of EST's URLs that deployed clients use: prefix, ISO version and algorithm or not.

    `config.settings.base.MACHINE_PATHS` knows the forms that begin with the label, too.
    """
    return re_path(_BEFORE + operation + _AFTER, view.as_view(http_method_names=[method]))


urlpatterns: list[URLPattern] = [
    path("pki/ocsp", ocsp.post),
    path("pki/ocsp/<path:encoded>", ocsp.get),
    path("pki/crl/<uuid:authority>.crl", Crl.as_view(http_method_names=["get", "head"])),
    _est("simpleenroll", SimpleEnrol, "post"),
    _est("simplereenroll", SimpleReEnrol, "post"),
    _est("cacerts", CaCertificates, "get"),
    _est("csrattrs", CsrAttributes, "get"),
]
