"""The German catalogue: brought up to date with the sources, and compiled.

`locale/<language>/LC_MESSAGES/django.po` is written by people, `django.mo` beside it is what Django
reads. Both are committed, for a machine that installs Plugpool may have no GNU gettext.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.languages import sources

LANGUAGE = "de"
FOLDER = sources.ROOT / "locale" / LANGUAGE / "LC_MESSAGES"
PO = FOLDER / "django.po"
MO = FOLDER / "django.mo"
HEADER = "# The German of Plugpool. `make messages` adds new sentences and compiles."


def load(path: Path = PO) -> Catalog:
    """Read a catalogue as people wrote it."""
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain="django", abort_invalid=True)


def wanted() -> sources.Places:
    """Return every sentence the catalogue must hold, with where it is said."""
    places = sources.of_the_product()
    for sentence, where in sources.of_libraries().items():
        places.setdefault(sentence, set()).update(where)
    return places


def entry(catalogue: Catalog, sentence: sources.Sentence) -> Message | None:
    """Return the entry of `sentence`, unless the one there has another plural."""
    found = catalogue.get(sentence.singular, sentence.context or None)
    return found if found and _plural(found) == sentence.plural else None


def translations(message: Message) -> tuple[str, ...]:
    """Return the German of an entry: one, or singular and plural."""
    said = message.string
    return tuple(said) if isinstance(said, list | tuple) else (said or "",)


def sentence_of(message: Message) -> sources.Sentence:
    """Return what an entry translates."""
    singular = message.id[0] if isinstance(message.id, list | tuple) else message.id
    return sources.Sentence(singular, _plural(message), message.context or "")


def updated(old: Catalog) -> Catalog:
    """Return `old` with what the sources say today: new sentences empty, forgotten ones gone."""
    fresh = Catalog(
        locale=LANGUAGE,
        domain="django",
        project="Plugpool",
        version="",
        header_comment=HEADER,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        language_team="Plugpool",
        last_translator="Plugpool",
        msgid_bugs_address="",
        fuzzy=False,
    )
    places = sorted(wanted().items(), key=lambda item: (min(item[1]), item[0]))
    for sentence, where in places:
        known = entry(old, sentence)
        blank: str | tuple[str, str] = ("", "") if sentence.plural else ""
        fresh.add(
            (sentence.singular, sentence.plural) if sentence.plural else sentence.singular,
            known.string if known else blank,
            locations=[(path, 0) for path in sorted(where)],
            context=sentence.context or None,
        )
    return fresh


def source(catalogue: Catalog) -> bytes:
    """Return the text of the catalogue for people."""
    out = io.BytesIO()
    write_po(out, catalogue, width=100, include_lineno=False)
    return out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue in the form Django reads."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _plural(message: Message) -> str:
    return message.id[1] if isinstance(message.id, list | tuple) else ""
