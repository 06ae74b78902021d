"""Every sentence that the sources say, and those the English catalogues lack.

Run `python tests/support/sentences.py` to print what is missing, ready to be pasted into a catalogue.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

_EDGE = Path(__file__).parents[2] / "src" / "serment" / "edge"
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
_SAID = ("t", "gettext", "mark", "say", "show")
_SAID_MANY = ("ngettext", "say_many", "show_many")
_KEYWORDS = {**dict.fromkeys(_SAID), **dict.fromkeys(_SAID_MANY, (1, 2))}

Sentence = str | tuple[str, str]


def sentences_said() -> dict[Sentence, str]:
    """Return each French sentence of the sources with the file it was found in."""
    found = extract_from_dir(str(_EDGE), _METHODS, keywords=_KEYWORDS, strip_comment_tags=True)
    return {_as_sentence(message): file for file, _, message, _, _ in found if not _is_file_name(message)}


def _as_sentence(message: object) -> Sentence:
    return (str(message[0]), str(message[1])) if isinstance(message, tuple) else str(message)


def _is_file_name(message: object) -> bool:
    return isinstance(message, str) and message.endswith(".html")


def sentences_translated() -> dict[Sentence, str | tuple[str, ...]]:
    """Return each French sentence of the English catalogues with its translation."""
    return dict(_read_all())


def _read_all() -> Iterator[tuple[Sentence, str | tuple[str, ...]]]:
    for path in sorted((_EDGE / "locale").glob("*.en.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en", abort_invalid=True)
        for message in catalogue:
            if message.id and not message.fuzzy:
                strings = message.string
                yield (
                    _as_sentence(message.id),
                    tuple(strings) if isinstance(strings, (tuple, list)) else str(strings),
                )


def missing_sentences() -> dict[Sentence, str]:
    """Return what is said in French and not yet in English, with the file it was found in."""
    translated = sentences_translated()
    return {
        sentence: file for sentence, file in sentences_said().items() if not _whole(translated.get(sentence))
    }


def _whole(translation: str | tuple[str, ...] | None) -> bool:
    return all(translation) if isinstance(translation, tuple) else bool(translation)


def stub(sentence: Sentence, file: str) -> str:
    """Return the empty catalogue entry of a sentence."""
    if isinstance(sentence, str):
        return f'#: {file}\nmsgid "{_quote(sentence)}"\nmsgstr ""\n'
    return f'#: {file}\nmsgid "{_quote(sentence[0])}"\nmsgid_plural "{_quote(sentence[1])}"\nmsgstr[0] ""\nmsgstr[1] ""\n'


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    for sentence, file in missing_sentences().items():
        print(stub(sentence, file))  # noqa: T201 -- this is what the command is for
