"""What a person types about a webhook."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.actions import ActionForm
from apps.core.web.making import MakingForm
from apps.events import audience, wording
from apps.events.models import EventKind, WebhookEndpoint
from apps.events.targets import MAX_URL

MAX_DESCRIPTION: Final = 200


class EndpointFields(forms.Form):
    """Where a webhook leads and what it is told; the service judges the URL."""

    url = forms.CharField(
        label=_("URL"),
        help_text=_("https, port 443, a public name. Each event is sent there with POST."),
        max_length=MAX_URL,
        error_messages={"required": _("Type the URL of your receiver.")},
        widget=forms.TextInput(
            attrs={
                "class": "pp-input pp-code",
                "autocomplete": "off",
                "spellcheck": "false",
                "inputmode": "url",
            }
        ),
    )
    events = forms.TypedMultipleChoiceField(
        label=_("Events"),
        coerce=EventKind,
        error_messages={"required": _("Choose one event at least.")},
        widget=forms.CheckboxSelectMultiple,
    )
    description = forms.CharField(
        label=_("Description"),
        help_text=_("For the people of your organisation. May stay empty."),
        max_length=MAX_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs={"class": "pp-input", "autocomplete": "off"}),
    )


class NewEndpointForm(EndpointFields, MakingForm):
    """A webhook to register."""

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        _offer(self, audience.kinds_of(viewer.roles))


class EndpointForm(EndpointFields, ActionForm):
    """A webhook to change; the events it has stay on offer."""

    enabled = forms.BooleanField(
        label=_("Enabled"),
        help_text=_("While it is disabled it gets no new events; what waits for it waits on."),
        required=False,
    )

    def __init__(self, *args: Any, row: WebhookEndpoint, viewer: Actor, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "url": row.url,
            "events": row.events,
            "description": row.description,
            "enabled": row.state == WebhookEndpoint.State.ENABLED,
        }
        super().__init__(*args, row=row, viewer=viewer, **kwargs)
        offered = audience.kinds_of(viewer.roles)
        kept = tuple(kind for kind in EventKind if kind in row.events and kind not in offered)
        _offer(self, (*offered, *kept))


def _offer(form: forms.Form, kinds: tuple[EventKind, ...]) -> None:
    field = form.fields["events"]
    assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  declared above
    field.choices = [(kind.value, _choice(kind)) for kind in kinds]


def _choice(kind: EventKind) -> str | Promise:
    words = wording.KINDS[kind]
    return format_html('<span>{}<br><span class="pp-code">{}</span></span>', words, kind.value)
