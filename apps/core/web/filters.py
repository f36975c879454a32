"""Filters of lists: native fields, fixed choices, explicit parameters.

A list accepts no other parameter than those of its filters (`ScopedAdmin.lookup_allowed`), so
hidden fields cannot be guessed through the address.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib.admin import ListFilter
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.web.display import SOON

Text = str | Promise


class PortalFilter(ListFilter):
    """A filter with the request parameters it names; a value it does not know filters nothing."""

    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters:
            given = params.pop(name, None)
            if given:
                self.used_parameters[name] = given[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: Any) -> Any:
        return ()


class ChoiceFilter(PortalFilter):
    """One of a field's values, offered in a drop-down."""

    template = "portal/filters/choice.html"
    field: ClassVar[str] = ""
    options: tuple[tuple[str, Text], ...] = ()

    @property
    def parameter(self) -> str:
        return self.parameters[0]

    @property
    def value(self) -> str:
        """The chosen option, empty for all."""
        given = str(self.used_parameters.get(self.parameter, ""))
        return given if given in dict(self.options) else ""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.field: self.value}) if self.value else queryset


class EndFilter(ChoiceFilter):
    """When the validity ends: behind us, soon, or later."""

    options = (
        ("30", _("Within 30 days")),
        ("soon", _("Within 60 days")),
        ("90", _("Within 90 days")),
        ("later", _("Later than 60 days")),
        ("expired", _("Already ended")),
    )

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        bounds: dict[str, dict[str, datetime]] = {
            "30": {f"{self.field}__gte": now, f"{self.field}__lt": now + timedelta(days=30)},
            "soon": {f"{self.field}__gte": now, f"{self.field}__lt": now + SOON},
            "90": {f"{self.field}__gte": now, f"{self.field}__lt": now + timedelta(days=90)},
            "later": {f"{self.field}__gte": now + SOON},
            "expired": {f"{self.field}__lt": now},
        }
        return queryset.filter(**bounds.get(self.value, {}))


class PeriodFilter(PortalFilter):
    """From one day to another, both included (UTC)."""

    template = "portal/filters/period.html"
    field: ClassVar[str] = ""

    @property
    def name_from(self) -> str:
        return self.parameters[0]

    @property
    def name_to(self) -> str:
        return self.parameters[1]

    @property
    def first(self) -> date | None:
        return _day(self.used_parameters.get(self.name_from))

    @property
    def last(self) -> date | None:
        return _day(self.used_parameters.get(self.name_to))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.first:
            queryset = queryset.filter(**{f"{self.field}__gte": _midnight(self.first)})
        if self.last and self.last < date.max:
            following = self.last + timedelta(days=1)
            queryset = queryset.filter(**{f"{self.field}__lt": _midnight(following)})
        return queryset


def choice(
    field: str, title: Text, options: Any, *, parameter: str | None = None
) -> type[ChoiceFilter]:
    """Make the filter over a field of choices."""
    made = {
        "field": field,
        "title": title,
        "options": tuple((str(value), label) for value, label in options),
        "parameters": (parameter or field,),
    }
    return type("FieldChoiceFilter", (ChoiceFilter,), made)


def end(field: str, title: Text) -> type[EndFilter]:
    """Make the filter over the end of a validity; its parameter is `ends`."""
    return type("FieldEndFilter", (EndFilter,), {**_named(field, title), "parameters": ("ends",)})


def period(field: str, title: Text) -> type[PeriodFilter]:
    """Make the filter from day to day; its parameters are `from` and `to`."""
    made = {**_named(field, title), "parameters": ("from", "to")}
    return type("FieldPeriodFilter", (PeriodFilter,), made)


def _named(field: str, title: Text) -> dict[str, Any]:
    return {"field": field, "title": title}


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
