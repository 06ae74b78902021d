"""What two versions of the matrix differ in, cell by cell."""

from collections.abc import Iterator
from dataclasses import dataclass

from serment import access
from serment.access import Action, Matrix, Relation, Section, Who
from serment.edge.pages.service.matrix_proposals import WHOLE_LETTERS, whole_lists


@dataclass(frozen=True)
class RowChange:
    """What one row gains and loses in one section; `section` is None for the dossier as a whole."""

    relation: Relation
    who: Who
    section: Section | None
    gained: tuple[Action, ...]
    lost: tuple[Action, ...]


def changes_between(before: Matrix, after: Matrix) -> tuple[RowChange, ...]:
    """Return what is opened and closed on the way from one matrix to another, in the order in which people read."""
    return tuple(change for change in _every(before, after) if change.gained or change.lost)


def _every(before: Matrix, after: Matrix) -> Iterator[RowChange]:
    for relation in access.RELATIONS:
        for who in access.whos_of(relation):
            had, has = before.rights(relation, who), after.rights(relation, who)
            for section in Section:
                cell = had.get(section, frozenset()), has.get(section, frozenset())
                yield _change(relation, who, section, *cell)
            whole = WHOLE_LETTERS.get(relation, {})
            did = frozenset(action for action in whole if who in whole_lists(before)[action])
            does = frozenset(action for action in whole if who in whole_lists(after)[action])
            yield _change(relation, who, None, did, does)


def _change(
    relation: Relation, who: Who, section: Section | None, had: frozenset[Action], has: frozenset[Action]
) -> RowChange:
    gained = tuple(action for action in Action if action in has - had)
    return RowChange(
        relation, who, section, gained, tuple(action for action in Action if action in had - has)
    )
