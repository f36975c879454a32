"""Who looks at a page: a person, acting for one organisation."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An organisation that the person may act for."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The person as actor for the organisation named by the session, read anew at every request.

    `others` are the organisations that the person may switch to.
    """

    actor: Actor
    organization: Choice
    others: tuple[Choice, ...] = ()


def membership_of(request: HttpRequest) -> Membership | None:
    """Return what the middleware found for the request; None for a stranger."""
    found: Membership | None = getattr(request, "membership", None)
    return found or None


def viewer_of(request: HttpRequest) -> Actor:
    """Return who looks; PermissionDenied without a membership."""
    membership = membership_of(request)
    if membership is None:
        raise PermissionDenied
    return membership.actor
