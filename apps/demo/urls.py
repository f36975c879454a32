"""Sandbox routes."""

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from apps.demo.views import Crl, Ocsp

urlpatterns: list[URLPattern] = [
    path("sandbox/pki/<slug:slug>/<slug:level>/crl", Crl.as_view()),
    path("sandbox/pki/<slug:slug>/<slug:level>/ocsp", csrf_exempt(Ocsp.as_view())),
    path("sandbox/pki/<slug:slug>/<slug:level>/ocsp/<path:encoded>", Ocsp.as_view()),
]
