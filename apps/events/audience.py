"""Who is ever told of which events (OPCP documentation part 6)."""

from collections.abc import Collection
from typing import Final

from apps.core.actor import Role
from apps.events.models import EventKind

_OF: Final = {"mo.": Role.MO, "oem.": Role.OEM}
"""What a kind begins with, and the role that it is for; root events are for everybody."""


def kinds_of(roles: Collection[Role]) -> tuple[EventKind, ...]:
    """Return the events that an organisation of these roles is ever told of."""
    return tuple(kind for kind in EventKind if _is_told(kind, roles))


def _is_told(kind: EventKind, roles: Collection[Role]) -> bool:
    return all(role in roles for prefix, role in _OF.items() if kind.value.startswith(prefix))
