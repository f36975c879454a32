"""Routes."""

from django.urls import URLPattern, path

from apps.portal.api import views

urlpatterns: list[URLPattern] = [
    path("v1/schema", views.schema),
    path("docs/api", views.page),
]
