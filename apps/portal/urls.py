"""The portal, at the root of the site. It comes after every other route."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("", include("apps.portal.login.urls")), path("", admin.site.urls)]
