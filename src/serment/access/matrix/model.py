"""The matrix of rights: what each profession, or quality, does in each section, for each relation to the patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from serment import kernel
from serment.access.model import Action, DelegateKind, Relation, Section
from serment.identity import Profession

#: What somebody does in each section; a section without an action is left out.
Rights = Mapping[Section, frozenset[Action]]
#: Of whom a row speaks: a profession, a quality in which one acts for the patient; nobody else than the patient.
Who = Profession | DelegateKind | None

NOTHING: Rights = MappingProxyType({})


@dataclass(frozen=True)
class Matrix:
    """One version of the rules, as data. What it does not say is refused.

    `version` is 0 for the matrix that is shipped, and counts from 1 in each organisation.
    """

    rows: Mapping[tuple[Relation, Who], Rights]
    manages_team: frozenset[Profession]
    reads_trail: frozenset[Profession]
    opens_emergency: frozenset[Profession]
    version: int = 0

    def rights(self, relation: Relation, who: Who) -> Rights:
        """Return what a profession or quality does in each section, by a relation."""
        return self.rows.get((relation, who), NOTHING)

    def allows(self, relation: Relation, who: Who, section: Section, action: Action) -> bool:
        """Tell whether one cell is open."""
        return action in self.rights(relation, who).get(section, ())

    def with_rights(
        self, relation: Relation, who: Who, section: Section, actions: Iterable[Action]
    ) -> "Matrix":
        """Return the same matrix with other actions in one section of one row."""
        row = {**self.rights(relation, who), section: frozenset(actions)}
        kept = {place: does for place, does in row.items() if does}
        rows = {**self.rows, (relation, who): kept}
        return replace(self, rows={place: rights for place, rights in rows.items() if rights})


@dataclass(frozen=True)
class MatrixVersion:
    """A version that an organisation adopted: by whom, when; `matrix` holds its number."""

    matrix: Matrix
    organisation: kernel.OrganisationId
    adopted_by: kernel.AccountId
    adopted_at: datetime


@dataclass(frozen=True)
class Effect:
    """What changing one cell changes: how many people gain or lose the action, on how many dossiers.

    `section` is None for what concerns a dossier as a whole.
    """

    relation: Relation
    profession: Who
    section: Section | None
    action: Action
    gained_people: int = 0
    gained_dossiers: int = 0
    lost_people: int = 0
    lost_dossiers: int = 0
