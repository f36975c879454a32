"""The filter of the audit trail by who acted: a person or an API client, chosen or typed."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, ActorKind
from apps.core.web.filters import PortalFilter
from apps.core.web.membership import viewer_of
from apps.participants import selectors

MAX_OPTIONS: Final = 200
MAX_TYPED: Final = 150


class WhoFilter(PortalFilter):
    """Offers the people and clients that the viewer may see, own ones first; any may be typed.

    An e-mail address or client id names one of them, whatever they were called then. Any other
    text is the beginning of a name, so those who have left are found too.
    """

    title = _("Person or API client")
    template = "portal/filters/suggested.html"
    parameters = ("who",)
    parameter = "who"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self._viewer = viewer_of(request)

    @property
    def value(self) -> str:
        """What was typed."""
        return str(self.used_parameters.get("who", "")).strip()[:MAX_TYPED]

    def options(self) -> list[tuple[str, str]]:
        """Return what is offered: the text that names one, and what it is called."""
        return list(islice(_offered(self._viewer), MAX_OPTIONS))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value or "\x00" in self.value:
            return queryset
        named = _named(self._viewer, self.value)
        return queryset.filter(**(named or {"actor_label__startswith": self.value}))


def _offered(viewer: Actor) -> Iterator[tuple[str, str]]:
    members: Any = selectors.visible_members(viewer=viewer).order_by("user__name", "pk")
    own = members.filter(object_pk=str(viewer.organization_id))
    others = members.exclude(object_pk=str(viewer.organization_id))
    for member in own[:MAX_OPTIONS]:
        yield member.user.email, str(member)
    for client in selectors.visible_clients(viewer=viewer).order_by("name", "pk")[:MAX_OPTIONS]:
        yield client.client_id, str(client)
    for member in others[:MAX_OPTIONS]:
        yield member.user.email, f"{member}, {member.works_for}"


def _named(viewer: Actor, typed: str) -> dict[str, str]:
    member = selectors.visible_members(viewer=viewer).filter(user__email__iexact=typed).first()
    if member is not None:
        return {"actor_id": str(member.user_id), "actor_kind": ActorKind.PERSON.value}
    client = selectors.visible_clients(viewer=viewer).filter(client_id=typed).first()
    if client is not None:
        return {"actor_id": client.client_id, "actor_kind": ActorKind.CLIENT.value}
    return {}
