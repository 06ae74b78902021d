"""Mutants that change nothing that anybody could see, each with the reason; a file for each part of `access`."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from matrix.mutations import Mutant

#: By file, function, and what was taken away.
_EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    key: reason
    for part in iter_modules(__path__)
    for key, reason in import_module(f"{__name__}.{part.name}").EQUIVALENT.items()
}


def reason_of(mutant: Mutant) -> str:
    """Return why a mutant changes nothing; empty when it does."""
    return _EQUIVALENT.get((mutant.place, mutant.function, mutant.what), "")
