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
from tests.languages import catalogue, refused, sources
from tests.languages.sources import Sentence
from v2g.errors import ChainError

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
        assert refusals.in_words(Conflict("x", "A1 is nowhere.")) == "A1 is nowhere."
        assert error.message == "This job is over already."


def test_every_refusal_of_services_and_of_v2g_has_its_german() -> None:
    found = list(refused.samples())
    assert len(found) > 300
    with translation.override("de"):
        for sample in found:
            told = refusals.told(sample.text)
            assert told != sample.text, f"{sample.place}: list it in apps/core/web/sentences"
            assert all(value in told for value in sample.values), f"{sample.place}: {told}"


def test_a_refusal_of_v2g_keeps_its_values_and_its_nested_reason_in_german() -> None:
    sentences = {
        "The OEM provisioning certificate expired on 3 March 2026.": (
            "Das Provisionierungszertifikat ist am 3. Mär 2026 abgelaufen."
        ),
        "OEM Sub2: its revocation status is unknown: the CRL is out of date.": (
            "OEM-Sub2: Sperrstatus unbekannt: die Sperrliste ist veraltet."
        ),
        "This is no certificate message of ISO 15118: A/B: more than 8 octets (bit 12).": (
            "Das ist keine Zertifikatsnachricht der ISO 15118: A/B: mehr als 8 Byte (Bit 12)."
        ),
        "OEM Sub1 was issued by CN=Is revoked, O=%(day)s {0}, which is not there": (
            "OEM-Sub1 wurde von CN=Is revoked, O=%(day)s {0} ausgestellt, "
            "und dieses Zertifikat fehlt"
        ),
    }
    for said, wanted in sentences.items():
        assert refusals.told(said) == said
        with translation.override("de"):
            assert refusals.told(said) == wanted
            assert refusals.in_words(ChainError("any", said)) == wanted


def test_both_languages_have_the_same_formats() -> None:
    names = {name for name in vars(english) if name.isupper()}
    assert names == {name for name in vars(german) if name.isupper()}
    with translation.override("de"):
        assert formats.number_format(1234.5, force_grouping=True) == "1.234,5"
