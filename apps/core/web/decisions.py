"""What a person may decide about a row, as cards on its page. The services hold the rules.

An action is bound to one address, `<row>/<key>/`, and calls one service. What the service refuses
comes back on the page, beside the field it is about, with all that was typed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from django import forms

from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.core.web.pages import Card, Fact, Text
from apps.core.web.refusals import in_words

UNPROCESSABLE: Final = 422


class NothingToFill(forms.Form):
    """A button without fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: its address, its words, and the service behind it.

    `run` gets the actor, the row and the cleaned form. `done` says what happened and what follows,
    with `%(name)s` for the row. `fields` names the field of each error code that has one. With
    `fresh` the person proves the second factor again before it runs, see `freshness`.
    """

    key: str
    label: Text
    done: Text
    run: Callable[[Actor, Any, Mapping[str, Any]], object]
    form: type[forms.Form] = NothingToFill
    fields: Mapping[str, str] = field(default_factory=dict)
    tone: str = ""
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision(Card):
    """A card on the row's page that asks. Its first action owns the form.

    What deserves a page of its own is an ActionPage. `facts` are read only where the card is shown.
    """

    template: ClassVar[str] = "portal/cards/decision.html"
    lead: Text = ""
    facts: Callable[[], tuple[Fact, ...]] = tuple
    actions: tuple[Action, ...] = ()
    form: forms.Form | None = None

    def offers(self, key: str) -> bool:
        return any(action.key == key for action in self.actions)

    @property
    def key(self) -> str:
        return self.actions[0].key if self.actions else ""

    @property
    def shown_form(self) -> forms.Form | None:
        """What was typed, else an empty form."""
        return self.form or (self.actions[0].form() if self.actions else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """The words of a page that is one form. `done` names what was made as `%(name)s`."""

    title: Text
    lead: Text
    button: Text
    done: Text


def attempt(form: forms.Form, call: Callable[[], object], fields: Mapping[str, str]) -> int | None:
    """Call the service if the form is complete; put what it refuses on the form.

    Return the status of the failure, None where it is done.
    """
    if not form.is_valid():
        return UNPROCESSABLE
    try:
        call()
    except DomainError as error:
        form.add_error(fields.get(error.code), in_words(error))
        return UNPROCESSABLE if isinstance(error, Invalid) else error.status
    return None


def is_offered(offered: Iterable[Decision], key: str) -> bool:
    """Tell whether one of the decisions has the action."""
    return any(decision.offers(key) for decision in offered)


def with_form(offered: tuple[Decision, ...], key: str, form: forms.Form) -> tuple[Decision, ...]:
    """Return the decisions, the one that has the action with what was typed."""
    return tuple(
        replace(decision, form=form) if decision.offers(key) else decision for decision in offered
    )
