"""Finds for whom a person acts, at every request anew."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from apps.core.errors import Forbidden
from apps.core.web.membership import Choice, Membership
from apps.participants import selectors
from apps.participants.models import Organization

SESSION_KEY = "organization"
"""Where the session keeps the uuid of the organisation that the person chose."""


class MembershipMiddleware:
    """Sets `request.membership`, read only when somebody asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.membership = SimpleLazyObject(lambda: find(request))  # type: ignore[attr-defined]  # ours
        return self.get_response(request)


def find(request: HttpRequest) -> Membership | None:
    """Return the membership that the session names, else the first by name; None without any."""
    organizations = list(selectors.organizations_of(request.user).order_by("name"))
    if not organizations:
        return None
    wanted = request.session.get(SESSION_KEY)
    chosen = next((one for one in organizations if str(one.uuid) == wanted), organizations[0])
    try:
        actor = selectors.actor_of_member(user=request.user, organization=chosen)
    except Forbidden:
        return None
    others = tuple(_choice(one) for one in organizations if one.pk != chosen.pk)
    return Membership(actor=actor, organization=_choice(chosen), others=others)


def _choice(organization: Organization) -> Choice:
    return Choice(key=str(organization.uuid), name=organization.name)
