"""Routes."""

from django.urls import URLPattern, path

from apps.provisioning_service.api import views

urlpatterns: list[URLPattern] = [
    path("cps/signer", views.Signers.as_view()),
    path("v1/cps/signer", views.Signers.as_view()),
    path("v1/cps/contractData/signed", views.Signed.as_view()),
    path("v1/cps/signedContractData", views.SignedOnly.as_view()),
    path("v1/cps/forward/signedContractData", views.SignedAndForwarded.as_view()),
    path("v1/cps/generate/signedContractData", views.Generate.as_view()),
]
