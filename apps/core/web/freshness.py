"""Being asked again: pages and buttons for a person who proved a moment ago who it is.

A `Step` or an `Action` says `fresh=True`. What counts as a proof and how a person is asked is the
portal's business; it registers a keeper here. Without one nobody is fresh.
"""

from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class Keeper(Protocol):
    """What the portal registers."""

    def is_fresh(self, request: HttpRequest) -> bool:
        """Tell whether the person gave the second factor a moment ago, or does in this request."""

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that asks; what a POST carried is kept and goes on after the proof."""


_keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Make the keeper the one that is asked."""
    _keepers[:] = [keeper]


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether a step that asks again may go on."""
    return any(keeper.is_fresh(request) for keeper in _keepers)


def ask(request: HttpRequest) -> HttpResponse:
    """Answer a request that is not fresh. Raises PermissionDenied where nobody could ask."""
    for keeper in _keepers:
        return keeper.ask(request)
    raise PermissionDenied
