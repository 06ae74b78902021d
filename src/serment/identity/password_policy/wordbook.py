"""The words that a guesser begins with, in the order of their use: English, French, names, common passwords."""

import gzip
from functools import cached_property
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

_WORDS = Path(__file__).parent / "data" / "words.txt.gz"


class Wordbook:
    """Words with their rank; about 25 MB of memory and a fifth of a second, taken at the first look."""

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Every known word in small letters, and the number of guesses after which it is tried."""
        ranks: dict[str, int] = {}
        for words in FREQUENCY_LISTS.values():
            for rank, word in enumerate(words, start=1):
                ranks[word] = min(rank, ranks.get(word, rank))
        for line in gzip.decompress(_WORDS.read_bytes()).decode("utf-8").splitlines():
            said, _, word = line.partition(" ")
            rank = int(said)
            ranks[word] = min(rank, ranks.get(word, rank))
        return ranks
