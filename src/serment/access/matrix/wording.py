"""A matrix as text that people read: TOML, the same for what is shipped and for what an organisation adopted."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from serment.access.matrix.errors import MatrixInvalid
from serment.access.matrix.model import Matrix, Rights, Who
from serment.access.model import WHOLE_DOSSIER, Action, DelegateKind, Relation, Section
from serment.identity import Profession

#: The relations that rows speak of, in the order in which people read them.
RELATIONS = (
    Relation.PATIENT, Relation.DELEGATE, Relation.CARE_TEAM, Relation.SAME_ORGANISATION, Relation.EMERGENCY,
)  # fmt: skip
_LISTS = ("manages-team", "reads-trail", "opens-emergency")
#: As many versions as are read again and again: one for each organisation of an installation, roughly.
_KEPT = 256


# A version never changes: the same text gives the same matrix, so what was read is kept. Every decision asks.
@lru_cache(_KEPT)
def read_matrix(text: str, version: int = 0) -> Matrix:
    """Return the matrix that a text says.

    Raises:
        MatrixInvalid: the text is no matrix, or speaks of something that there is not.
    """
    try:
        said = tomllib.loads(text)
        rows = {(relation, who): _rights(row) for relation in RELATIONS for who, row in _rows(said, relation)}
        manages, reads, opens = (frozenset(map(_profession, said[name])) for name in _LISTS)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MatrixInvalid("unreadable") from None
    if said.keys() - {*_LISTS, *RELATIONS}:
        raise MatrixInvalid("unreadable")
    return Matrix({place: row for place, row in rows.items() if row}, manages, reads, opens, version)


def write_matrix(matrix: Matrix) -> str:
    """Return a matrix as text; the same rules give the same text."""
    lists = (matrix.manages_team, matrix.reads_trail, matrix.opens_emergency)
    lines = [
        f"{name} = {_listed(p for p in Profession if p in one)}"
        for name, one in zip(_LISTS, lists, strict=True)
    ]
    for relation in RELATIONS:
        for who in whos_of(relation):
            lines += _written(relation, who, matrix.rights(relation, who))
    return "\n".join(lines) + "\n"


def whos_of(relation: Relation) -> tuple[Who, ...]:
    """Return of whom the rows of a relation may speak, in the order in which people read them."""
    match relation:
        case Relation.PATIENT:
            return (None,)
        case Relation.DELEGATE:
            return tuple(DelegateKind)
        case _:
            return tuple(profession for profession in Profession if profession is not Profession.NONE)


def _rows(said: Mapping[str, Any], relation: Relation) -> Iterator[tuple[Who, Mapping[str, Any]]]:
    table = said.get(relation, {})
    if relation is Relation.PATIENT:
        yield None, table
        return
    known = {str(who): who for who in whos_of(relation)}
    for name, row in table.items():
        yield known[name], row


def _rights(row: Mapping[str, Any]) -> Rights:
    return {Section(name): frozenset(map(_action, actions)) for name, actions in row.items() if actions}


def _action(name: str) -> Action:
    action = Action(name)
    if action in WHOLE_DOSSIER:
        raise ValueError(name)
    return action


def _profession(name: str) -> Profession:
    profession = Profession(name)
    if profession is Profession.NONE:
        raise ValueError(name)
    return profession


def _written(relation: Relation, who: Who, rights: Rights) -> Iterator[str]:
    if rights:
        yield f"\n[{relation}]" if who is None else f"\n[{relation}.{who}]"
        for section in Section:
            if section in rights:
                yield f"{section} = {_listed(action for action in Action if action in rights[section])}"


def _listed(words: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


#: The matrix as it is shipped: what holds where an organisation adopted none of its own.
SHIPPED = read_matrix(files("serment.access.matrix").joinpath("default.toml").read_text("utf-8"))
