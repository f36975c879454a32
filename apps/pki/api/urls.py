"""Routes; `apps.pki.locations` writes them into certificates."""

from django.urls import URLPattern, path

from apps.pki.api import views

urlpatterns: list[URLPattern] = [
    path("pki/ocsp", views.Ocsp.as_view(http_method_names=["post"])),
    path("pki/ocsp/<path:encoded>", views.Ocsp.as_view(http_method_names=["get"])),
    path("pki/crl/<uuid:authority>.crl", views.Crl.as_view()),
]
