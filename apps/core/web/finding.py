"""What the search of the portal finds beside rows and pages: apps suggest from what was typed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from apps.core.actor import Actor

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One line: what it is called, what it is, where it leads."""

    title: Text
    kind: Text
    href: str
    icon: str = "arrow_forward"
    code: bool = False


Suggest = Callable[[str, Actor], Iterable[Found]]
"""Called with the typed term and who looks; it must not tell whether a foreign row exists."""

_suggesting: list[Suggest] = []


def suggests(suggest: Suggest) -> Suggest:
    """Register what an app suggests; called in its `admin.py`."""
    _suggesting.append(suggest)
    return suggest


def suggestions(term: str, viewer: Actor) -> list[Found]:
    """Return what the apps suggest for a term."""
    return [found for suggest in _suggesting for found in suggest(term, viewer)]
