"""How many guesses find a password: zxcvbn's way of counting, with our words and none of its shared tables."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from zxcvbn import matching, scoring

# zxcvbn takes long on more; what comes after can only make a password harder to guess.
_MOST_ESTIMATED = 72
_SHORTEST_PERSONAL_WORD = 3
_HOUSE_WORDS = ("serment",)
_REPETITION = re.compile(r"(.+?)\1+")
_SEPARATORS = re.compile(r"[\s._-]+")
#: Between words a guesser tries nothing, a space, a hyphen and a few more, the same everywhere.
_WAYS_TO_SEPARATE = 10


def estimate_guesses(password: str, personal_words: Collection[str], ranks: Mapping[str, int]) -> int:
    """Estimate how many guesses find a password, words that anyone knows of the person counting for nothing.

    The least of what several guessers need: one who takes it as it is typed, one who joins its words, and one who
    repeats the same thing.
    """
    left = _without(password, _words(personal_words))[:_MOST_ESTIMATED]
    if not left:
        return 1
    ways = [_count(left, ranks)]
    joined = _SEPARATORS.sub("", left)
    if joined != left:
        ways.append(_count(joined, ranks) * _WAYS_TO_SEPARATE if joined else 1)
    if repeated := _REPETITION.fullmatch(left):
        ways.append(_count(repeated[1], ranks) * len(left))
    return min(ways)


def _count(text: str, ranks: Mapping[str, int]) -> int:
    """Return the guesses that the cheapest way of putting a text together takes.

    zxcvbn's own entry keeps the person's words in a table shared by all threads, so its two halves are called here.
    """
    matches: list[dict[str, Any]] = matching.omnimatch(text, {"known": ranks})
    found: dict[str, Any] = scoring.most_guessable_match_sequence(text, matches)
    return int(found["guesses"])


def _without(password: str, words: list[str]) -> str:
    folded = password.casefold()
    if not any(word in folded for word in words):
        return password
    for word in words:
        folded = folded.replace(word, "")
    return folded


def _words(personal_words: Collection[str]) -> list[str]:
    parts = (part for text in (*personal_words, *_HOUSE_WORDS) for part in _split(text))
    kept = {part for part in parts if len(part) >= _SHORTEST_PERSONAL_WORD}
    return sorted(kept, key=len, reverse=True)


def _split(text: str) -> list[str]:
    folded = text.casefold()
    apart = "".join(character if character.isalnum() else " " for character in folded)
    return [folded, *apart.split()]
