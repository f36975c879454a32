"""Routes."""

from django.urls import URLPattern, path

from apps.contract_pool.api import views

urlpatterns: list[URLPattern] = [
    path("v1/ccp/signedContractData", views.SignedContractData.as_view()),
    path("v1/ccp/signedContractData/<str:identifier>", views.ContractOrVehicle.as_view()),
    path("v1/ccp/signedContractData/<str:pcid>/<str:emaid>/default", views.Default.as_view()),
    path("v1/ccp/signedContractData/<str:pcid>/<str:emaid>/priorities", views.Default.as_view()),
    path("v1/ccp/provideSignedContractData/<str:emaid>/<str:pcid>", views.Provide.as_view()),
    path("v1/ccp/lookupContract/<str:emaid>", views.Lookup.as_view()),
]
