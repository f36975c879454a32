"""Routes of the RCP (OPCP rcp.v1), and trustStore, which is ours."""

from django.urls import URLPattern, path

from apps.root_pool.api import views

urlpatterns: list[URLPattern] = [
    path("v1/root/rootCerts", views.RootCertificates.as_view()),
    path("v1/root/rootCerts/<str:root_certificate_id>", views.RootCertificateById.as_view()),
    path("v1/root/ctl", views.TrustList.as_view()),
    path("v1/root/trustStore", views.TrustStore.as_view()),
]
