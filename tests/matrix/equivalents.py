"""Mutants that change nothing that anybody could see, each with the reason."""

from collections.abc import Mapping

from matrix.mutations import Mutant

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {}


def reason_of(mutant: Mutant) -> str:
    """Return why a mutant changes nothing; empty when it does."""
    return EQUIVALENT.get((mutant.place, mutant.function, mutant.what), "")
