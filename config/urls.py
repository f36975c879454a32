"""Every URL of the product."""

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from apps.core.api import health
from apps.operator import probes

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.live),
    path("readyz", probes.ready),
    path("readyz/web", health.ready),
    path("metrics", probes.metrics),
    path("", include("apps.participants.api.urls")),
    path("", include("apps.jobs.api.urls")),
    path("", include("apps.events.api.urls")),
    path("", include("apps.pki.api.urls")),
    path("", include("apps.root_pool.api.urls")),
    path("", include("apps.provisioning_pool.api.urls")),
    path("", include("apps.provisioning_service.api.urls")),
    path("", include("apps.contract_pool.api.urls")),
    path("", include("apps.portal.api.urls")),
    path("", include("apps.portal.urls")),
]
if apps.is_installed("apps.demo"):
    urlpatterns.insert(0, path("", include("apps.demo.urls")))

handler400 = "apps.portal.views.errors.bad_request"
handler403 = "apps.portal.views.errors.forbidden"
handler404 = "apps.portal.views.errors.not_found"
handler500 = "apps.portal.views.errors.server_error"
