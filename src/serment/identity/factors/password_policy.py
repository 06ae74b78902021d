"""Which passwords may be chosen: long enough, and beyond a guesser who knows the person (LAW-70, ASVS 6.2)."""

from collections.abc import Collection
from typing import Any

from zxcvbn import zxcvbn

from serment.identity.errors import PasswordTooGuessable, PasswordTooLong, PasswordTooShort
from serment.identity.rules import PasswordRules

# zxcvbn raises beyond 72 characters; what comes after can only make a password harder to guess.
_MOST_ESTIMATED = 72
_SHORTEST_PERSONAL_WORD = 3
_HOUSE_WORDS = ("serment",)


def check_password(password: str, personal_words: Collection[str], rules: PasswordRules) -> None:
    """Let a password pass that the policy accepts; no composition rule, paste and spaces welcome.

    Raises:
        PasswordTooShort: fewer characters than asked.
        PasswordTooLong: more characters than taken.
        PasswordTooGuessable: found within the guesses that the policy asks to withstand.
    """
    if len(password) < rules.least_characters:
        raise PasswordTooShort(f"fewer than {rules.least_characters}")
    if len(password) > rules.most_characters:
        raise PasswordTooLong(f"more than {rules.most_characters}")
    if estimate_guesses(password, personal_words) < rules.least_guesses:
        raise PasswordTooGuessable(f"fewer than {rules.least_guesses:.0e} guesses")


def estimate_guesses(password: str, personal_words: Collection[str]) -> int:
    """Estimate how many guesses find a password, words that anyone knows of the person counting for nothing.

    Personal words are taken out before the estimate instead of being given to zxcvbn, which keeps them in a
    table shared by all threads.
    """
    left = password.casefold() if _has_any(password, personal_words) else password
    for word in _words(personal_words):
        left = left.replace(word, "")
    result: dict[str, Any] = zxcvbn(left[:_MOST_ESTIMATED]) if left else {"guesses": 1}
    return int(result["guesses"])


def _has_any(password: str, personal_words: Collection[str]) -> bool:
    folded = password.casefold()
    return any(word in folded for word in _words(personal_words))


def _words(personal_words: Collection[str]) -> list[str]:
    parts = (part for text in (*personal_words, *_HOUSE_WORDS) for part in _split(text))
    kept = {part for part in parts if len(part) >= _SHORTEST_PERSONAL_WORD}
    return sorted(kept, key=len, reverse=True)


def _split(text: str) -> list[str]:
    folded = text.casefold()
    apart = "".join(character if character.isalnum() else " " for character in folded)
    return [folded, *apart.split()]
