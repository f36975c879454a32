"""Every sentence the product may show: in our own sources, and in libraries that bring no German.

Read with Babel, so that a machine without GNU gettext gathers the same.
"""

import ast
import gettext
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from babel.messages.extract import extract
from django.contrib import admin
from django.utils.translation.template import templatize

from apps.core import errors

ROOT = Path(__file__).resolve().parents[2]
OWN = ("apps", "config", "templates")
LIBRARIES = {
    "unfold": ("templates", "contrib/forms", "*.py"),
    "allauth": ("account/*.py", "mfa", "socialaccount/*.py"),
}
"""Whose pages and forms people see. allauth's templates are replaced by ours."""
TRANSLATED = ("django/conf", "django/contrib/admin", "django/contrib/auth", "allauth")
"""Libraries whose own German is loaded beside ours."""

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
REFUSALS = {error.__name__ for error in (errors.DomainError, *errors.DomainError.__subclasses__())}
"""Their sentences are for machines in English; `apps.core.web.refusals` puts them into words."""


@dataclass(frozen=True, order=True)
class Sentence:
    """One entry of a catalogue; `plural` and `context` are empty where it has none."""

    singular: str
    plural: str = ""
    context: str = ""


Places = dict[Sentence, set[str]]
"""The files that say a sentence, as paths within the project or the library."""


def of_the_product() -> Places:
    """Return what `apps`, `config` and `templates` say, and the names of what lists count."""
    places: Places = {}
    for folder in OWN:
        for path in sorted((ROOT / folder).rglob("*")):
            _gather(places, path, base=ROOT)
    for one in admin.site._registry:
        home = Path(*one.__module__.split(".")).as_posix()
        for name in (one._meta.verbose_name, one._meta.verbose_name_plural):
            places.setdefault(Sentence(str(name)), set()).add(home)
    return places


def of_libraries() -> Places:
    """Return what libraries show on our pages and nobody but us puts into German."""
    places: Places = {}
    for library, patterns in LIBRARIES.items():
        base = _home(library)
        for pattern in patterns:
            found = base.glob(pattern) if "*" in pattern else (base / pattern).rglob("*")
            for path in sorted(found):
                if library == "unfold" or path.suffix == ".py":
                    _gather(places, path, base=base.parent)
    return {said: where for said, where in places.items() if not _has_german(said)}


def _gather(places: Places, path: Path, *, base: Path) -> None:
    if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
        return
    text, is_python = path.read_text(), path.suffix == ".py"
    said = {*in_text(text, template=not is_python)}
    if is_python and base == ROOT and "api" not in path.parts:
        said |= {*refused_in(text)}
    for sentence in said:
        places.setdefault(sentence, set()).add(path.relative_to(base).as_posix())


def in_text(text: str, *, template: bool) -> Iterator[Sentence]:
    """Yield the sentences of one Python file or one template."""
    if template:
        blotted = templatize(text)
        text = "\n".join(line.strip() for line in blotted.splitlines())
    source = io.BytesIO(text.encode())
    for _line, said, _comments, context in extract("python", source, KEYWORDS):
        words = said if isinstance(said, tuple) else (said,)
        if words[0]:
            plural = words[1] if len(words) > 1 else ""
            yield Sentence(words[0], plural, context or "")


def refused_in(text: str) -> Iterator[Sentence]:
    """Yield what the errors of services say in a Python file, where it is the same every time."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[_, ast.Constant(value=str(message)), *_]):
                if name in REFUSALS:
                    yield Sentence(message)


def _home(library: str) -> Path:
    spec = find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@cache
def _libraries_german() -> tuple[gettext.NullTranslations, ...]:
    found = []
    for place in TRANSLATED:
        library, _, rest = place.partition("/")
        folder = _home(library) / rest / "locale"
        found.append(gettext.translation("django", str(folder), ["de"]))
    return tuple(found)


def _has_german(sentence: Sentence) -> bool:
    for known in _libraries_german():
        if sentence.plural:
            said = known.ngettext(sentence.singular, sentence.plural, 1)
        elif sentence.context:
            said = known.pgettext(sentence.context, sentence.singular)
        else:
            said = known.gettext(sentence.singular)
        if said != sentence.singular:
            return True
    return False
