"""Which passwords may be chosen: long enough, in no list of stolen ones, and beyond a guesser who knows the person.

LAW-70, ASVS 6.2, AUT-10.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from serment.identity.errors import (
    BreachedListDamaged,
    PasswordBreached,
    PasswordTooGuessable,
    PasswordTooLong,
    PasswordTooShort,
)
from serment.identity.password_policy.breached import WatchedList, digest_of_password
from serment.identity.password_policy.guesses import estimate_guesses
from serment.identity.password_policy.wordbook import Wordbook
from serment.identity.rules import PasswordRules
from serment.identity.tokens import has_the_form_of_a_code

_SHIPPED = Path(__file__).parent / "data" / "common-passwords.list"


def _shipped() -> WatchedList:
    return WatchedList(_SHIPPED)


@dataclass(frozen=True)
class PasswordJudge:
    """What is known of bad passwords here; app makes one a process.

    `loaded` is the installation's own list, where the operator loaded one, beside the one that comes with us.
    """

    loaded: WatchedList | None = None
    shipped: WatchedList = field(default_factory=_shipped)
    wordbook: Wordbook = field(default_factory=Wordbook)

    def check(self, password: str, personal_words: Collection[str], rules: PasswordRules) -> None:
        """Let a password pass that the policy accepts; no composition rule, paste and spaces welcome.

        Raises:
            PasswordTooShort: fewer characters than asked.
            PasswordTooLong: more characters than taken.
            PasswordBreached: it was stolen elsewhere.
            PasswordTooGuessable: found within the guesses that the policy asks to withstand.
            BreachedListDamaged: nobody can tell whether it was stolen.
        """
        if len(password) < rules.least_characters:
            raise PasswordTooShort(f"fewer than {rules.least_characters}")
        if len(password) > rules.most_characters:
            raise PasswordTooLong(f"more than {rules.most_characters}")
        if self.is_breached(password):
            raise PasswordBreached("in the list")
        # A code passed through other hands before it came here (ASVS 6.4.1).
        if has_the_form_of_a_code(password):
            raise PasswordTooGuessable("a code of ours")
        if self.guesses(password, personal_words) < rules.least_guesses:
            raise PasswordTooGuessable(f"fewer than {rules.least_guesses:.0e} guesses")

    def is_breached(self, password: str) -> bool:
        """Tell whether a password stands in a list of stolen ones; about 20 µs where the pages are in memory, and never a word outside.

        Raises:
            BreachedListDamaged: a list cannot be read.
        """
        return self.lists(digest_of_password(password))

    def lists(self, digest: bytes) -> bool:
        """Tell whether a list of stolen passwords holds the SHA-1 of one.

        Raises:
            BreachedListDamaged: a list cannot be read.
        """
        shipped = self.shipped.current()
        if shipped is None:
            raise BreachedListDamaged("what comes with us is gone")
        loaded = None if self.loaded is None else self.loaded.current()
        return shipped.holds(digest) or (loaded is not None and loaded.holds(digest))

    def guesses(self, password: str, personal_words: Collection[str] = ()) -> int:
        """Estimate how many guesses find a password, words that anyone knows of the person counting for nothing."""
        return estimate_guesses(password, personal_words, self.wordbook.ranks)
