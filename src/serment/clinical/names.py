"""Names compared as a person at a desk would: without accents, capitals, hyphens or apostrophes."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
_SHORTEST_PREFIX = 3


class Named(Protocol):
    """Anything with the two names that a list shows."""

    @property
    def family_name(self) -> str:
        """The name used in daily life."""

    @property
    def first_given_name(self) -> str:
        """The given name that lists show."""


def normalise_name(name: str) -> str:
    """Return `name` in capitals A-Z and 0-9, other signs as single spaces: "Éloïse d'Hœry" gives "ELOISE D HOERY"."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_LIGATURES))
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).upper().split())


def near_names(one: Named, other: Named) -> bool:
    """Tell whether two persons could be taken for each other in a list.

    They can when both names are equal or one letter apart (one more, one less, another, or two neighbours
    swapped), when one given name begins the other, or when family and given names are exchanged.
    """
    family_a, given_a = _compact(one.family_name), _compact(one.first_given_name)
    family_b, given_b = _compact(other.family_name), _compact(other.first_given_name)
    straight = _one_letter_apart(family_a, family_b) and _alike_given(given_a, given_b)
    exchanged = _one_letter_apart(family_a, given_b) and _one_letter_apart(given_a, family_b)
    return straight or exchanged


def easily_confused(persons: Sequence[Named]) -> frozenset[int]:
    """Return the positions, in a list, of those who have a near namesake in it; linear for ordinary lists."""
    by_variant: dict[str, list[int]] = defaultdict(list)
    for position, person in enumerate(persons):
        for variant in _variants(_compact(person.family_name)) | _variants(_compact(person.first_given_name)):
            by_variant[variant].append(position)
    confused: set[int] = set()
    for positions in by_variant.values():
        confused.update(_confused_among(persons, positions))
    return frozenset(confused)


def _confused_among(persons: Sequence[Named], positions: Iterable[int]) -> set[int]:
    candidates = list(dict.fromkeys(positions))
    found: set[int] = set()
    for place, one in enumerate(candidates):
        for other in candidates[place + 1 :]:
            if (one not in found or other not in found) and near_names(persons[one], persons[other]):
                found |= {one, other}
    return found


def _compact(name: str) -> str:
    return normalise_name(name).replace(" ", "")


def _alike_given(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return (len(shorter) >= _SHORTEST_PREFIX and longer.startswith(shorter)) or _one_letter_apart(one, other)


def _one_letter_apart(one: str, other: str) -> bool:
    return one == other or (
        abs(len(one) - len(other)) <= 1 and not _variants(one).isdisjoint(_variants(other))
    )


def _variants(name: str) -> frozenset[str]:
    """Return the name and all it becomes when one letter is left out: names one letter apart share one of them."""
    return frozenset({name, *(name[:place] + name[place + 1 :] for place in range(len(name)))})
