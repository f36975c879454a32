"""The portal, at the root of the site. It comes after every other route."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("", admin.site.urls)]
