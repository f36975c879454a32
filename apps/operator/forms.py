"""What the operator types about the clock."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.web import display
from apps.operator.timetable import Entry

UNITS: Final = (60, 3600, 86_400)


class ScheduleForm(forms.Form):
    """How often something recurs, in the largest unit that it is a multiple of."""

    every = forms.IntegerField(
        label=_("Every"),
        min_value=1,
        max_value=10_000,
        widget=forms.NumberInput(attrs={"class": "pp-input"}),
    )
    unit = forms.TypedChoiceField(
        label=_("Unit"),
        coerce=int,
        choices=((60, _("Minutes")), (3600, _("Hours")), (86_400, _("Days"))),
        widget=forms.Select(attrs={"class": "pp-input"}),
    )
    enabled = forms.BooleanField(label=_("Switched on"), required=False)

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["every"].help_text = _("At least %(shortest)s, at most %(longest)s.") % {
            "shortest": display.span(entry.bounds[0]),
            "longest": display.span(entry.bounds[1]),
        }


def initial(entry: Entry) -> dict[str, object]:
    """Return the fields of a schedule as it is."""
    unit = max((one for one in UNITS if entry.seconds % one == 0), default=60)
    return {"every": max(1, entry.seconds // unit), "unit": unit, "enabled": entry.enabled}
