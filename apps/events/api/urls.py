"""Routes of the webhooks: OPCP's two paths, and ours below them."""

from django.urls import URLPattern, path

from apps.events.api import views

ENDPOINTS = "v1/webhook/endpoints"
DELIVERIES = f"{ENDPOINTS}/<str:endpoint_id>/deliveries"

urlpatterns: list[URLPattern] = [
    path(ENDPOINTS, views.Endpoints.as_view()),
    path(f"{ENDPOINTS}/<str:endpoint_id>", views.EndpointById.as_view()),
    path(f"{ENDPOINTS}/<str:endpoint_id>/test", views.EndpointTest.as_view()),
    path(DELIVERIES, views.Deliveries.as_view()),
    path(f"{DELIVERIES}/<str:delivery_id>/redeliver", views.Redelivery.as_view()),
]
