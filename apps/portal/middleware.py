"""Finds for whom a person acts, at every request anew, and keeps what the person is refused."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from apps.audit.services import keep_refusal
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Forbidden
from apps.core.web.membership import Choice, Membership, membership_of
from apps.core.web.noting import note, noting
from apps.participants import selectors
from apps.participants.models import Organization
from apps.portal.views import errors

READING = frozenset({"GET", "HEAD", "OPTIONS"})

SESSION_KEY = "organization"
"""Where the session keeps the uuid of the organisation that the person chose."""


class MembershipMiddleware:
    """Sets `request.membership`, read only when somebody asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.membership = SimpleLazyObject(lambda: find(request))  # type: ignore[attr-defined]  # ours
        return self.get_response(request)


class RefusalsMiddleware:
    """Writes one audit event for each request in which a page or a service refused the person.

    After the view, so after the rollback of what it began. A form that was open too long (CSRF)
    and being asked for the second factor are no refusals. Strangers fill no trail, as over REST.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with noting() as noted:
            response = self.get_response(request)
        actor = _refused(request) if noted else None
        if actor is not None:
            keep_refusal(
                actor=actor,
                action="portal.read" if request.method in READING else "portal.write",
                error=noted[0],
                target_type="page",
                target_id=request.path_info,
            )
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Note what a page or a service refused; a service's refusal is the forbidden page too."""
        if isinstance(exception, PermissionDenied):
            note(Forbidden("page", "This page is not open to your role or right."))
            return None
        if isinstance(exception, Forbidden):
            note(exception)
            return errors.forbidden(request, exception)
        return None


def _refused(request: HttpRequest) -> Actor | None:
    """Return who was refused: a member, or a person who belongs nowhere; None for a stranger."""
    membership = membership_of(request)
    if membership is not None:
        return membership.actor
    if not request.user.is_authenticated:
        return None
    return Actor(
        kind=ActorKind.PERSON, identifier=str(request.user.pk), label=str(request.user)[:150]
    )


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
