"""How values look: one tone for each meaning, dates that say how far away they are, codes.

Text that comes from parties passes through `format_html` and never stands in an attribute that
scripts evaluate.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Text = str | Promise
Tone = Literal["success", "warning", "danger", "info", "default"]

SOON: Final = timedelta(days=60)
"""A validity that ends within this time asks for attention."""
EMPTY: Final = "\N{EN DASH}"
FIRST_YEAR: Final = 1
ENDLESS_YEAR: Final = 9999


@dataclass(frozen=True, slots=True)
class Badge:
    """A short word with a tone. The word carries the meaning, the colour supports it."""

    text: Text
    tone: Tone = "default"

    def __html__(self) -> SafeString:
        return format_html('<span class="pp-badge pp-badge--{}">{}</span>', self.tone, self.text)

    def __str__(self) -> str:
        return self.__html__()


VALID: Final = Badge(gettext_lazy("Valid"), "success")
SOON_OVER: Final = Badge(gettext_lazy("Ends soon"), "warning")
EXPIRED: Final = Badge(gettext_lazy("Expired"), "danger")
NOT_YET: Final = Badge(gettext_lazy("Not yet valid"), "info")


def validity(not_before: datetime, not_after: datetime, *, soon: timedelta = SOON) -> Badge:
    """Say where now stands in a validity; `soon` is how long before its end that matters."""
    now = timezone.now()
    if now < not_before:
        return NOT_YET
    if now > not_after:
        return EXPIRED
    return SOON_OVER if not_after - now < soon else VALID


def badge(value: Badge) -> SafeString:
    return value.__html__()


def code(text: str) -> SafeString | str:
    """An identifier, in the typeface of codes; it may wrap anywhere."""
    return format_html('<span class="pp-code">{}</span>', text) if text else EMPTY


def number(value: int) -> str:
    """A number with the separators of the language."""
    return number_format(value, force_grouping=True)


def day(at: datetime | None) -> str:
    """A date such as "13 Jan 2027"; certificates that never end have the year 9999."""
    if at is None:
        return EMPTY
    return _("no end") if at.year >= ENDLESS_YEAR else date_format(_here(at), "DATE_FORMAT")


def moment(at: datetime | None) -> SafeString | str:
    """Date and time in one line, in the person's zone; resting on it shows UTC."""
    if at is None:
        return EMPTY
    text = date_format(_here(at), "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), _utc(at), text)


def date_cell(at: datetime | None) -> SafeString | str:
    """Two lines: the date, and how far away it is."""
    return _cell(at, day(at))


def moment_cell(at: datetime | None) -> SafeString | str:
    """Two lines: date and time, and how long ago."""
    return _cell(at, date_format(_here(at), "DATETIME_FORMAT") if at else EMPTY)


def distance(at: datetime) -> str:
    """Say how far an instant is from now: "in 51 days", "3 hours ago".

    Beyond 90 days in months, beyond two years in years.
    """
    seconds = (at - timezone.now()).total_seconds()
    text = span(abs(seconds))
    if not text:
        return _("just now")
    return _("in %(span)s") % {"span": text} if seconds > 0 else _("%(span)s ago") % {"span": text}


def span(seconds: float) -> str:
    """Say how long a time is, in its largest unit; empty below a minute."""
    minutes, days = int(seconds // 60), int(seconds // 86_400)
    if days > 730:
        return _counted(round(days / 365.25), "year")
    if days > 90:
        return _counted(round(days / 30.44), "month")
    if days:
        return _counted(days, "day")
    if minutes >= 60:
        return _counted(minutes // 60, "hour")
    return _counted(minutes, "minute") if minutes else ""


def _counted(count: int, unit: str) -> str:
    texts = {
        "year": ngettext("%(count)s year", "%(count)s years", count),
        "month": ngettext("%(count)s month", "%(count)s months", count),
        "day": ngettext("%(count)s day", "%(count)s days", count),
        "hour": ngettext("%(count)s hour", "%(count)s hours", count),
        "minute": ngettext("%(count)s minute", "%(count)s minutes", count),
    }
    return texts[unit] % {"count": number(count)}


def _cell(at: datetime | None, text: str) -> SafeString | str:
    if at is None:
        return EMPTY
    far = "" if at.year >= ENDLESS_YEAR else distance(at)
    return format_html(
        '<time class="pp-when" datetime="{}" title="{}">{}<small>{}</small></time>',
        at.isoformat(),
        _utc(at),
        text,
        far,
    )


def _here(at: datetime) -> datetime:
    """The instant in the person's zone. The ends of the calendar are in none but their own."""
    is_movable = FIRST_YEAR < at.year < ENDLESS_YEAR
    return timezone.localtime(at) if is_movable and timezone.is_aware(at) else at


def _utc(at: datetime) -> str:
    """The instant in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if timezone.is_aware(at) else ""
