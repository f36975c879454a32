"""The site's addresses, and one page that a service refuses in the middle of a change."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from apps.core.errors import Forbidden
from apps.participants.models import Organization


def refuse(request: HttpRequest) -> HttpResponse:
    """Change a row, then refuse."""
    with transaction.atomic():
        Organization.objects.update(name="Half changed")
        raise Forbidden("foreign_draft", "This was begun by somebody else.")


urlpatterns = [path("probe/", refuse), path("v1/probe/", refuse), path("", include("config.urls"))]
