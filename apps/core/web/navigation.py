"""Entries of the menu. A role decides the list; a hidden entry is never the permission itself."""

from dataclasses import dataclass
from enum import IntEnum

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, Right, Role

Text = str | Promise


class Group(IntEnum):
    """Groups of the menu, in their order. The first holds daily work and has no title."""

    DAILY = 0
    TRUST = 1
    ACCESS = 2
    RECORDS = 3


TITLES: dict[Group, Text] = {
    Group.DAILY: "",
    Group.TRUST: _("Trust"),
    Group.ACCESS: _("Parties"),
    Group.RECORDS: _("Records"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the menu: where it leads (a URL name), and which roles and rights it is for."""

    title: Text
    icon: str
    url: str
    roles: frozenset[Role]
    right: Right = Right.VIEWER
    group: Group = Group.DAILY
    order: int = 50

    def is_for(self, viewer: Actor) -> bool:
        return bool(self.roles & viewer.roles) and viewer.right.includes(self.right)


def menu(entries: list[Entry], request: HttpRequest, viewer: Actor) -> list[dict[str, object]]:
    """Return unfold's form of the menu for this viewer: only what the roles may open."""
    shown = sorted(
        (entry for entry in entries if entry.is_for(viewer)),
        key=lambda entry: (entry.group, entry.order),
    )
    groups: list[dict[str, object]] = []
    for group in Group:
        items = [_item(entry, request) for entry in shown if entry.group is group]
        if items:
            separator = group is not Group.DAILY
            groups.append({"title": TITLES[group], "separator": separator, "items": items})
    return groups


def _item(entry: Entry, request: HttpRequest) -> dict[str, object]:
    link = reverse(entry.url)
    home = link == reverse("admin:index")
    active = request.path == link if home else request.path.startswith(link)
    return {"title": entry.title, "icon": entry.icon, "link": link, "active": active}
