"""What a service refuses, in the language of the page.

Services, and rows that keep what they said, speak English. A sentence without values is looked up
as it is; one with values is recognised by its template, and its values move into the German one.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from apps.core.errors import DomainError
from apps.core.web.noting import note
from apps.core.web.sentences import TEXTS

MAX_LENGTH: Final = 2_000
"""A longer text is shown as it is: no service says so much."""
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_SENTENCES: Final = frozenset(
    {"certificate", "field", "kinds", "one", "other", "right", "what", "whose", "why"}
)
_WORDS: Final = frozenset({"allowed", "bit", "count", "curve", "depth", "element", "field", "rule"})
"""Values without blanks: numbers and names of the standard. Any other may be a text of a party."""
_DAYS: Final = frozenset({"begin", "day", "end"})
_WRITTEN: Final = ("%d %B %Y", "%Y-%m-%d")


def in_words(error: Exception) -> str:
    """Return the sentence of an error of a service, or of `v2g`, for a person.

    Every frame tells a refusal through here, so a missing right is noted for the trail as well.
    """
    note(error)
    return told(error.message if isinstance(error, DomainError) else str(error))


def told(message: str) -> str:
    """Return a sentence that was said or kept in English; one that nobody knows stays so."""
    language = get_language() or "en"
    if not message or language.startswith("en") or len(message) > MAX_LENGTH:
        return message
    translated = gettext(message)
    return translated if translated != message else _known(message) or message


class _Template(NamedTuple):
    text: str
    pattern: re.Pattern[str]


def _known(message: str) -> str:
    """Return the German of a sentence of the list, however it was begun and ended; else nothing."""
    bare = message.removesuffix(".")
    text = _plain().get(_key(message))
    said = gettext(text) if text else _filled(bare)
    if not said:
        return ""
    begun = said[:1].upper() if bare[:1].isupper() else said[:1]
    return begun + said[1:].removesuffix(".") + message[len(bare) :]


def _filled(bare: str) -> str:
    for template in _templates():
        found = template.pattern.fullmatch(bare)
        if found:
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return gettext(template.text) % values
    return ""


def _value(name: str, value: str) -> str:
    """Translate what is a sentence or a day itself; names and numbers stay as they are."""
    if name in _SENTENCES:
        return _known(value) or value
    return _day(value) if name in _DAYS else value


def _day(value: str) -> str:
    for form in _WRITTEN:
        try:
            return date_format(datetime.strptime(value, form), "DATE_FORMAT")  # noqa: DTZ007  a day
        except ValueError:
            continue
    return value


def _key(text: str) -> str:
    return text[:1].lower() + text[1:].removesuffix(".")


@cache
def _plain() -> Mapping[str, str]:
    return {_key(text): text for text in TEXTS if not _PLACE.search(text)}


@cache
def _templates() -> tuple[_Template, ...]:
    """The most particular first, so that what could be any value comes last."""
    texts = sorted(
        (text for text in TEXTS if _PLACE.search(text)),
        key=lambda text: -len(_PLACE.sub("", text)),
    )
    return tuple(_Template(text, _pattern(text)) for text in texts)


def _pattern(text: str) -> re.Pattern[str]:
    literal, *rest = _PLACE.split(text.removesuffix("."))
    start = f"(?i:{re.escape(literal[:1])}){re.escape(literal[1:])}" if literal else ""
    pairs = zip(rest[::2], rest[1::2], strict=True)
    places = (f"(?P<{name}>{_any(name)}){re.escape(after)}" for name, after in pairs)
    return re.compile(start + "".join(places), re.DOTALL)


def _any(name: str) -> str:
    return r"\S+?" if name in _WORDS else ".+?"
