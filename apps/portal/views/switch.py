"""Changing the organisation that a person acts for."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from apps.core.web.membership import membership_of
from apps.portal.middleware import SESSION_KEY


def switch(request: HttpRequest) -> HttpResponse:
    """Take another organisation of the person's own into the session; others are refused."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    membership = membership_of(request)
    wanted = request.GET.get("to", "")
    if membership is None or wanted not in {choice.key for choice in membership.others}:
        raise PermissionDenied
    request.session[SESSION_KEY] = wanted
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("admin:index")})
