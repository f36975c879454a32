"""Routes of the PCP (OPCP pcp.v1), and factoryReset, which is ours."""

from django.urls import URLPattern, path

from apps.provisioning_pool.api import views

urlpatterns: list[URLPattern] = [
    path("v1/oem/provCerts", views.ProvisioningCertificates.as_view()),
    path("v1/oem/provCerts/lookupVehicle/<str:pcid>", views.LookupVehicle.as_view()),
    path("v1/oem/provCerts/<str:pcid>", views.ProvisioningCertificateByPcid.as_view()),
    path("v1/oem/provCerts/<str:pcid>/factoryReset", views.FactoryReset.as_view()),
]
