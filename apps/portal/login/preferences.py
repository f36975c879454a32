"""Language and time zone of a person: chosen in the account, used on every page."""

import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from apps.participants.models import User

AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the names of the zones that people live in, and UTC."""
    known = zoneinfo.available_timezones()
    return ("UTC", *sorted(name for name in known if name.partition("/")[0] in AREAS))


def remember_zone(user: User, name: str) -> None:
    """Keep the zone of the person's browser, where the person has chosen none."""
    if not user.time_zone and name in zones():
        User.objects.filter(pk=user.pk, time_zone="").update(time_zone=name)


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript at run time
    """How pages look for the person."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["time_zone"] = self.instance.time_zone or "UTC"
        languages = [("", _("As the browser asks")), *settings.LANGUAGES]
        names = [(name, name.replace("_", " ")) for name in zones()]
        look = {"class": "pp-input"}
        self.fields["name"] = forms.CharField(
            label=_("Name"),
            max_length=100,
            required=False,
            widget=forms.TextInput(attrs={**look, "autocomplete": "name"}),
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=languages, required=False, widget=forms.Select(look)
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=names,
            widget=forms.Select(look),
            help_text=_("Dates are shown in it; resting on one shows UTC."),
        )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).replace("\0", "").split())


class PreferencesMiddleware:
    """Shows pages in the language and the time zone that the person chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(user.time_zone if user.time_zone in zones() else "UTC"):
            return self.get_response(request)
