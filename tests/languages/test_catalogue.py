"""The German catalogue is complete, fresh, and says what the English says."""

import gettext
import re

import pytest
from django.conf import settings
from django.utils import formats, translation

from apps.core.errors import Conflict
from apps.core.web import refusals
from config.formats.de import formats as german
from config.formats.en import formats as english
from tests.languages import catalogue, sources
from tests.languages.sources import Sentence

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|</?\w[^>]*>|\{\w*\}")


@pytest.fixture(scope="module")
def said() -> dict[Sentence, tuple[str, ...]]:
    """The German of each sentence."""
    found = {}
    for message in catalogue.load():
        if message.id:
            found[catalogue.sentence_of(message)] = catalogue.translations(message)
    return found


def test_the_product_speaks_german(said: dict[Sentence, tuple[str, ...]]) -> None:
    assert ("de", "Deutsch") in settings.LANGUAGES
    assert sorted(said) == sorted(catalogue.wanted()), "run `make messages`, then translate"
    assert [sentence for sentence, words in said.items() if not all(words)] == []


def test_nothing_is_guessed() -> None:
    assert [message.id for message in catalogue.load() if message.id and message.fuzzy] == []


def test_placeholders_and_markup_agree(said: dict[Sentence, tuple[str, ...]]) -> None:
    for sentence, translated in said.items():
        wanted = sorted(PLACEHOLDER.findall(sentence.plural or sentence.singular))
        assert len(translated) == (2 if sentence.plural else 1)
        for words in translated:
            assert sorted(PLACEHOLDER.findall(words)) == wanted, words


def test_german_is_calm_and_ends_like_the_english(said: dict[Sentence, tuple[str, ...]]) -> None:
    for sentence, translated in said.items():
        for words in translated:
            assert "!" not in words
            assert words.endswith(":") == sentence.singular.endswith(":"), words
            assert words.endswith("?") == sentence.singular.endswith("?"), words


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert catalogue.MO.read_bytes() == catalogue.compiled(catalogue.load()), "run `make messages`"


def test_django_reads_the_compiled_catalogue() -> None:
    folder = str(sources.ROOT / "locale")
    found = gettext.translation("django", folder, ["de"])
    assert found.gettext("Conclude a contract") == "Vertrag abschließen"
    assert found.ngettext("%(count)s row", "%(count)s rows", 3) == "%(count)s Zeilen"


def test_sentences_are_found_in_python_and_in_templates() -> None:
    python = 'x = _("One " "two")\ny = ngettext("%(n)s car", "%(n)s cars", n)\n'
    assert list(sources.in_text(python, template=False)) == [
        Sentence("One two"),
        Sentence("%(n)s car", "%(n)s cars"),
    ]
    template = (
        '  <a title="{% translate "Go" %}">\n{% blocktranslate count n=x %}{{ n }} car'
        "{% plural %}{{ n }} cars{% endblocktranslate %}</a>"
    )
    assert list(sources.in_text(template, template=True)) == [
        Sentence("Go"),
        Sentence("%(n)s car", "%(n)s cars"),
    ]


def test_what_services_refuse_is_found_where_it_is_always_the_same() -> None:
    text = 'raise Conflict("a", "Gone.")\nraise Invalid("b", f"{x} is gone.")\nlog("c", "No.")\n'
    assert list(sources.refused_in(text)) == [Sentence("Gone.")]


def test_a_refusal_is_told_in_the_language_of_the_page_and_kept_in_english() -> None:
    error = Conflict("job_over", "This job is over already.")
    with translation.override("de"):
        assert refusals.in_words(error) == "Dieser Auftrag ist bereits beendet."
        assert refusals.in_words(Conflict("x", "A1 is gone.")) == "A1 is gone."
        assert error.message == "This job is over already."


def test_both_languages_have_the_same_formats() -> None:
    names = {name for name in vars(english) if name.isupper()}
    assert names == {name for name in vars(german) if name.isupper()}
    with translation.override("de"):
        assert formats.number_format(1234.5, force_grouping=True) == "1.234,5"
