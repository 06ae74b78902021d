import re
from pathlib import Path

import pytest
from markupsafe import Markup
from starlette.requests import HTTPConnection

from serment.edge import shell
from serment.edge.shell.languages import choose_language, load_words
from support.sentences import missing_sentences, sentences_said, sentences_translated

_HOLE = re.compile(r"\{(\w+)\}")
_LOCALE = Path(__file__).parents[3] / "src" / "serment" / "edge" / "locale"
_CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Bonjour {name}"
msgstr "Good day {name}"

msgid "{n} lit"
msgid_plural "{n} lits"
msgstr[0] "{n} bed"
msgstr[1] "{n} beds"

#, fuzzy
msgid "Peut-être"
msgstr "Perhaps"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "area.en.po").write_text(_CATALOGUE, "utf-8")
    return tmp_path


def test_every_sentence_of_the_sources_is_said_in_english() -> None:
    assert missing_sentences() == {}


def test_no_catalogue_keeps_a_sentence_that_nobody_says() -> None:
    assert sentences_translated().keys() - sentences_said().keys() == set()


def test_every_translation_has_the_holes_of_its_sentence() -> None:
    for sentence, translation in sentences_translated().items():
        said = sentence if isinstance(sentence, str) else sentence[1]
        translated = translation if isinstance(translation, str) else translation[-1]
        assert set(_HOLE.findall(said)) == set(_HOLE.findall(translated)), said


def test_our_catalogues_agree_among_themselves() -> None:
    assert set(load_words(_LOCALE)) == {"fr", "en"}


def test_load_words_refuses_two_translations_of_one_sentence(folder: Path) -> None:
    (folder / "other.en.po").write_text(_CATALOGUE.replace("Good day", "Hello"), "utf-8")

    with pytest.raises(shell.CatalogueBroken):
        load_words(folder)


def test_say_speaks_both_languages(folder: Path) -> None:
    words = load_words(folder)

    assert words["fr"].say("Bonjour {name}", name="Zoé") == "Bonjour Zoé"
    assert words["en"].say("Bonjour {name}", name="Zoé") == "Good day Zoé"
    assert words["en"].say("Peut-être") == "Peut-être"


@pytest.mark.parametrize(
    ("n", "french", "english"), [(0, "0 lit", "0 beds"), (1, "1 lit", "1 bed"), (2, "2 lits", "2 beds")]
)
def test_say_many_follows_each_grammar(folder: Path, n: int, french: str, english: str) -> None:
    words = load_words(folder)

    assert words["fr"].say_many("{n} lit", "{n} lits", n) == french
    assert words["en"].say_many("{n} lit", "{n} lits", n) == english
    assert words["en"].show_many("{n} lit", "{n} lits", n) == Markup(english)


def test_show_escapes_sentences_and_values_but_not_markup(folder: Path) -> None:
    shown = load_words(folder)["fr"].show("<i> {a} {b}", a="<b>", b=Markup("<br>"))

    assert shown == Markup("&lt;i&gt; &lt;b&gt; <br>")


def test_french_is_typeset_and_english_left_alone(folder: Path) -> None:
    words = load_words(folder)

    assert words["fr"].say("L'âge : 12 % ?") == "L\u2019âge\u00a0: 12\u202f%\u202f?"
    assert words["en"].say("Today's list : 1 ?") == "Today\u2019s list : 1 ?"


@pytest.mark.parametrize(
    ("chosen", "header", "language"),
    [
        ("en", "fr", "en"),
        ("fr", "en", "fr"),
        ("xx", "en", "en"),
        (None, "", "fr"),
        (None, "de-DE,en-GB;q=0.8,fr;q=0.9", "fr"),
        (None, "en-US,fr;q=0.5", "en"),
        (None, "en;q=0,fr;q=0.1", "fr"),
        (None, "en;q=many, de", "fr"),
    ],
)
def test_choose_language_prefers_the_choice_then_the_browser_then_french(
    chosen: str | None, header: str, language: str
) -> None:
    connection = HTTPConnection({"type": "http", "headers": [(b"accept-language", header.encode())]})

    assert choose_language(connection, chosen) == language
