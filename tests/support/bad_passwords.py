"""Rebuild what the product knows of bad passwords, from the packages that it comes from.

    npm pack @zxcvbn-ts/language-fr@4.1.2 @zxcvbn-ts/language-common@4.1.3      and unpack each into a folder
    .venv/bin/python tests/support/bad_passwords.py FOLDER_OF_FR FOLDER_OF_COMMON

writes `words.txt.gz` and `common-passwords.list` in src/serment/identity/password_policy/data/, the same bytes every
time for the same packages.
"""

import gzip
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from serment.identity.password_policy.breached import digest_of_password, header_of

DATA = Path(__file__).parents[2] / "src" / "serment" / "identity" / "password_policy" / "data"
SHORTEST_WORD = 3
#: What somebody adds who was told that a password needs twelve characters, a capital, a figure and a sign.
ENDINGS = (
    *("1", "!", "12", "01", "1!", "123", "123!", "1234", "12345", "123456", "2000", "2010", "2020"),
    *(f"{year}{end}" for year in range(2022, 2028) for end in ("", "!", "*")),
    *("13", "33", "59", "69", "75", "93", "007", "666", "@1", "@123", "#1", "?", "."),
)
#: The length from which a password may be chosen at all; shorter variants would only fill the list.
SHORTEST_VARIANT = 12
SHORTEST_KNOWN = 6
#: How many of each list are varied: further down, the estimate of guesses does the same work.
VARIED_PASSWORDS, VARIED_WORDS = 6_000, 3_000
WIDTH = 6
#: Sentences and names of this field that the packages do not know.
HOUSE = (
    *("bonjourtoulemonde", "bonjourtoutlemonde", "bonjour tout le monde", "motdepasse", "mot de passe"),
    *("monmotdepasse", "doctolib", "doctissimo", "ameli", "amelipro", "cartevitale", "hopital", "clinique"),
    *("cabinet", "cabinetmedical", "medecin", "docteur", "infirmier", "infirmiere", "pharmacie", "laboratoire"),
    *("radiologie", "secretariat", "accueil", "urgences", "aphp", "chu", "sante", "monespacesante", "azertyuiop"),
    *("azertyuiopqsdfghjklm", "azerty", "qsdfghjklm", "wxcvbn", "jetaime", "jetaimemonamour", "correcthorsebatterystaple"),
    *("correct horse battery staple", "liberteegalitefraternite", "vivelafrance", "allezlesbleus", "administrateur"),
)  # fmt: skip


def main(french: Path, common: Path) -> None:
    """Write both files and say their figures."""
    passwords = _read(common, "passwords")
    lists = [(_read(french, "commonWords"), 1), (_read(french, "wikipedia"), 1), (passwords, 1)]
    # Names come in the order of the alphabet: each is as likely as the one in the middle.
    names = [_read(french, "firstnames"), _read(french, "lastnames")]
    ranks = _ranks(lists, names)
    lines = "".join(
        f"{rank} {word}\n" for word, rank in sorted(ranks.items(), key=lambda each: (each[1], each[0]))
    )
    (DATA / "words.txt.gz").write_bytes(gzip.compress(lines.encode(), 9, mtime=0))
    digests = sorted({digest_of_password(each)[:WIDTH] for each in _common(passwords, lists[0][0], names)})
    (DATA / "common-passwords.list").write_bytes(header_of(WIDTH, len(digests)) + b"".join(digests))
    sys.stdout.write(f"{len(ranks)} words, {len(digests)} passwords\n")


def _read(package: Path, name: str) -> list[str]:
    found: list[str] = json.loads((package / "src" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _ranks(lists: list[tuple[list[str], int]], names: list[list[str]]) -> dict[str, int]:
    """Return each word with and without its accents and apostrophes, unless English has it as early."""
    known: dict[str, int] = {}
    for words in FREQUENCY_LISTS.values():
        for rank, word in enumerate(words, start=1):
            known[word] = min(known.get(word, rank), rank)
    ranks: dict[str, int] = {}
    ranked = [(word, rank) for words, first in lists for rank, word in enumerate(words, start=first)]
    ranked += [(word, len(words) // 2) for words in names for word in words]
    ranked += [(word.replace(" ", ""), 1_000) for word in HOUSE]
    for word, rank in ranked:
        for form in _forms(word):
            if len(form) >= SHORTEST_WORD and rank < min(
                known.get(form, sys.maxsize), ranks.get(form, sys.maxsize)
            ):
                ranks[form] = rank
    return ranks


def _forms(word: str) -> set[str]:
    folded = word.casefold()
    apart = unicodedata.normalize("NFKD", folded)
    plain = "".join(character for character in apart if not unicodedata.combining(character))
    return {form.replace("'", "") for form in (folded, plain)} | {folded, plain}


def _common(passwords: list[str], words: list[str], names: list[list[str]]) -> Iterator[str]:
    """Give the common passwords, and the usual variants of them and of common words and names."""
    own = [*FREQUENCY_LISTS["passwords"], *passwords, *HOUSE]
    yield from (each for each in own if len(each) >= SHORTEST_KNOWN)
    # Of the names, those that somebody used as a password or that are much spoken.
    likely = frozenset(own) | frozenset(words)
    bases = [
        *HOUSE,
        *islice(own, VARIED_PASSWORDS),
        *islice(passwords, VARIED_PASSWORDS),
        *islice(words, VARIED_WORDS),
        *(name for each in names for name in each if name in likely),
    ]
    for base in dict.fromkeys(form for each in bases for form in _forms(each)):
        yield from _variants(base)


def _variants(base: str) -> Iterable[str]:
    begun = (base, base.capitalize())
    found = [*(start + end for start in begun for end in ENDINGS), *(start + base for start in begun)]
    return (each for each in found if len(each) >= SHORTEST_VARIANT)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
