"""The two languages of the pages: French as written in the sources, English from the catalogues."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar, get_args

from babel.messages.pofile import read_po
from markupsafe import Markup, escape
from starlette.requests import HTTPConnection

T = TypeVar("T")
#: A language that every page speaks.
Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_FRENCH_SPACE_BEFORE = re.compile(r" (?=[;?!»])|(?<=«) ")


class CatalogueBroken(Exception):
    """A catalogue says two different things for one sentence; found when the service starts."""


def mark(message: str) -> str:
    """Mark a French sentence that Python keeps for later, so that it is found for translation."""
    return message


class Words:
    """Says marked sentences in one language.

    Values are put in by name: `say("Envoyé à {name}", name=...)`.
    """

    def __init__(
        self, language: Language, plain: Mapping[str, str], plural: Mapping[str, tuple[str, str]]
    ) -> None:
        self.language = language
        self._plain = plain
        self._plural = plural

    def say(self, message: str, /, **values: object) -> str:
        """Return the sentence as plain text."""
        spoken = self._typeset(self._plain.get(message, message))
        return spoken.format(**values) if values else spoken

    def say_many(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the sentence for `n` things as plain text; `{n}` stands for the number."""
        return self._typeset(self._pick(one, many, n)).format(n=n, **values)

    def show(self, message: str, /, **values: object) -> Markup:
        """Return the sentence for a page: everything is escaped but values that are Markup."""
        spoken = escape(self._typeset(self._plain.get(message, message)))
        return spoken.format(**values) if values else spoken

    def show_many(self, one: str, many: str, n: int, /, **values: object) -> Markup:
        """Return the sentence for `n` things, for a page; `{n}` stands for the number."""
        return escape(self._typeset(self._pick(one, many, n))).format(n=n, **values)

    def _pick(self, one: str, many: str, n: int) -> str:
        singular, plural = self._plural.get(one, (one, many))
        if self.language == "fr":  # French counts zero as one: "0 document".
            return singular if abs(n) < 2 else plural  # noqa: PLR2004 -- the grammar's own number
        return singular if n == 1 else plural

    def _typeset(self, text: str) -> str:
        text = _APOSTROPHE.sub("\u2019", text)
        if self.language == "en":
            return text
        return _FRENCH_SPACE_BEFORE.sub("\u202f", text).replace(" :", "\u00a0:").replace(" %", "\u202f%")


def load_words(directory: Path) -> dict[Language, Words]:
    """Read every `<area>.en.po` of the directory; French needs none.

    Raises:
        CatalogueBroken: two areas translate the same sentence differently.
    """
    plain: dict[str, str] = {}
    plural: dict[str, tuple[str, str]] = {}
    for message, translation in _read_all(directory):
        if isinstance(message, str):
            _agree(plain, message, str(translation))
        else:
            _agree(plural, message[0], (translation[0], translation[1]))
    return {"fr": Words("fr", {}, {}), "en": Words("en", plain, plural)}


def _read_all(directory: Path) -> Iterator[tuple[str | tuple[str, str], str | tuple[str, ...]]]:
    for path in sorted(directory.glob("*.en.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en", abort_invalid=True)
        for message in catalogue:
            filled = all(message.string) if isinstance(message.string, tuple) else message.string
            if message.id and filled and not message.fuzzy:
                yield message.id, message.string  # type: ignore[misc]  # Babel types both as str | list | tuple


def _agree(known: dict[str, T], message: str, translation: T) -> None:
    if known.setdefault(message, translation) != translation:
        raise CatalogueBroken(message)


def choose_language(connection: HTTPConnection, chosen: str | None) -> Language:
    """Return the language chosen before, else the first of ours the browser prefers, else French."""
    if chosen in LANGUAGES:
        return "en" if chosen == "en" else "fr"
    for language in _preferred(connection.headers.get("accept-language", "")):
        if language in LANGUAGES:
            return "en" if language == "en" else "fr"
    return "fr"


def _preferred(header: str) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for item in header[:500].split(","):
        tag, _, quality = item.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((-weight, tag.strip().lower().split("-")[0]))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]
