"""The routes of the product, built anew with the workflows that a test registered."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.portal.login.urls")),
    path("", (admin.site.get_urls(), "admin", "admin")),
]
