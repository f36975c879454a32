"""Routes; `apps.pki.locations` writes those of OCSP and CRL into certificates."""

from django.urls import URLPattern, path

from apps.pki.api.crl import Crl
from apps.pki.api.ocsp import Ocsp

urlpatterns: list[URLPattern] = [
    path("pki/ocsp", Ocsp.as_view(http_method_names=["post"])),
    path("pki/ocsp/<path:encoded>", Ocsp.as_view(http_method_names=["get"])),
    path("pki/crl/<uuid:authority>.crl", Crl.as_view(http_method_names=["get", "head"])),
]
