"""Action pages: what a person does to one row on a page of its own, `<row>/<key>/`.

To add one, write a subclass of ActionPage in the app's `decisions.py` and name an instance in the
`action_pages` of its ScopedAdmin; an app above adds to the pages of one below with
`ScopedAdmin.extend`. That is all: the button on the row's page, the page with what follows, the
typed confirmation, CSRF, 403, 404, 405, 409, 422 and the message afterwards come from here::

    class Withdraw(ActionPage):
        key = "withdraw"
        label = _("Withdraw")
        title = _("Withdraw this vehicle?")
        lead = _("This cannot be taken back.")
        done = _("%(name)s was withdrawn.")
        form = ReasonForm
        typed = _("Type the PCID to confirm")

        def may(self, vehicle, viewer):
            return rights.may_on(viewer, Operation.PCP_WITHDRAW, wmi=vehicle.wmi)

        def expected(self, vehicle):
            return vehicle.pcid

        def run(self, actor, vehicle, typed):
            services.withdraw(actor=actor, pcid=vehicle.pcid, note=typed["reason"])

`may` decides who sees the button and who gets 403; `fits` whether the row's state allows it (else
no button, and 409 for a press that comes too late). The service behind `run` asks both again.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.pages import Fact, Text

MAX_TYPED: Final = 200
MAX_REASON: Final = 200
CONFIRMATION: Final = "typed"
"""The field of the typed confirmation. `run` does not get it."""
_SEPARATORS: Final = str.maketrans("", "", " :-*")


class ActionForm(forms.Form):
    """A form about a row; `row` is what it is about, `viewer` who fills it.

    A subclass adds fields. `expected` is what must be typed to confirm (nothing where it is
    empty); spaces, colons, hyphens and the case of letters do not matter.
    """

    def __init__(
        self, *args: Any, row: Any, viewer: Actor, expected: str = "", ask: Text = "", **kwargs: Any
    ) -> None:
        self.row, self.viewer, self.expected = row, viewer, expected
        super().__init__(*args, **kwargs)
        if expected:
            self.fields[CONFIRMATION] = _confirmation_field(ask)

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data[CONFIRMATION]
        if _bare(typed) != _bare(self.expected):
            raise ValidationError(_("This does not match. Type it as it stands above."))
        return typed


class ReasonForm(ActionForm):
    """Why, in the person's own words; for the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One sentence for the audit trail."),
        max_length=MAX_REASON,
        error_messages={"required": _("Say why. The audit trail keeps it.")},
        widget=forms.TextInput(attrs={"class": "pp-input", "autocomplete": "off"}),
    )


class ActionPage:
    """One action of a row, declared. `done` may name the row as `%(name)s`.

    `label` stands on the button, `title` asks, `lead` says what it means, `typed` asks for the
    confirmation. `fields` names the field of each error code that has one. `tone` is that of the
    button: danger, primary or none. With `fresh` the person proves the second factor again before
    the page opens and before it runs, see `freshness`.
    """

    key: ClassVar[str]
    label: ClassVar[Text]
    title: ClassVar[Text]
    lead: ClassVar[Text] = ""
    done: ClassVar[Text]
    late: ClassVar[Text] = _("This is not possible any more: somebody was faster.")
    typed: ClassVar[Text] = ""
    tone: ClassVar[str] = "danger"
    form: ClassVar[type[ActionForm]] = ActionForm
    fields: ClassVar[Mapping[str, str]] = {}
    fresh: ClassVar[bool] = False

    def may(self, row: Any, viewer: Actor) -> bool:
        """Tell whether the viewer has the right to do this to the row."""
        raise NotImplementedError

    def fits(self, row: Any) -> bool:
        """Tell whether the row is in a state in which this can be done."""
        return True

    def expected(self, row: Any) -> str:
        """What has to be typed to confirm; empty where the button is enough."""
        return ""

    def follows(self, row: Any) -> tuple[Text, ...]:
        """Say in sentences what will happen; read only where the page is shown."""
        return ()

    def facts(self, row: Any) -> tuple[Fact, ...]:
        """Name what it concerns, with numbers; read only where the page is shown."""
        return ()

    def run(self, actor: Actor, row: Any, typed: Mapping[str, Any]) -> object:
        """Call the service with what was typed; return where to go, the row's page for None."""
        raise NotImplementedError

    def name(self, row: Any) -> str:
        """What the row is called in the message afterwards."""
        return str(row)

    def offered(self, row: Any, viewer: Actor) -> bool:
        return self.fits(row) and self.may(row, viewer)

    def bound(self, row: Any, viewer: Actor, *given: Any) -> ActionForm:
        """Make the form; `given` are the POST data and the files of a press."""
        return self.form(
            *given, row=row, viewer=viewer, expected=self.expected(row), ask=self.typed
        )

    def perform(self, actor: Actor, row: Any, form: ActionForm) -> object:
        """Run with the cleaned form, without the confirmation."""
        typed = {name: value for name, value in form.cleaned_data.items() if name != CONFIRMATION}
        return self.run(actor, row, typed)


def _confirmation_field(ask: Text) -> forms.CharField:
    attributes = {
        "class": "pp-input pp-code",
        "autocomplete": "off",
        "autocapitalize": "off",
        "spellcheck": "false",
    }
    return forms.CharField(
        label=str(ask),
        help_text=_("Spaces, colons and small letters do not matter."),
        max_length=MAX_TYPED,
        error_messages={"required": _("Type it to confirm.")},
        widget=forms.TextInput(attrs=attributes),
    )


def _bare(text: str) -> str:
    return text.translate(_SEPARATORS).casefold()
