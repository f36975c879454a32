"""Every URL of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.participants.api.urls")),
    path("", include("apps.root_pool.api.urls")),
    path("", include("apps.provisioning_pool.api.urls")),
    path("", include("apps.provisioning_service.api.urls")),
    path("", include("apps.contract_pool.api.urls")),
    path("", include("apps.portal.urls")),
]
