"""Routes."""

from django.urls import URLPattern, path

from apps.participants.api.jwks import key_set
from apps.participants.api.token import TokenView

urlpatterns: list[URLPattern] = [
    path("oauth/token", TokenView.as_view(), name="token"),
    path(".well-known/jwks.json", key_set, name="jwks"),
]
