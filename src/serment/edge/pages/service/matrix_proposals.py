"""A change of the matrix as an address holds it: one row as it shall be, or an earlier version; short, and nothing secret.

base=3&relation=care-team&who=nurse&clinical=lr&identity=lr&whole=m
base=3&version=1
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from serment import access, identity
from serment.access import Action, Matrix, MatrixVersion, Relation, Section, Who
from serment.edge.pages.dossiers.asked import asked_number

#: One letter for each action, so that an address stays short.
LETTERS: Mapping[Action, str] = {
    Action.LIST: "l", Action.READ: "r", Action.FILE: "f", Action.AMEND: "a", Action.WITHDRAW: "w", Action.SHARE: "s",
}  # fmt: skip
#: What is said of a profession for a dossier as a whole, by the relation whose rows say it.
WHOLE_LETTERS: Mapping[Relation, Mapping[Action, str]] = {
    Relation.CARE_TEAM: {Action.MANAGE_TEAM: "m", Action.READ_TRAIL: "t"},
    Relation.EMERGENCY: {Action.OPEN_EMERGENCY: "e"},
}
Fields = Callable[[str], list[str]]


@dataclass(frozen=True)
class RowProposal:
    """One row as it shall be; `base` is the version that the change is made from."""

    base: int
    relation: Relation
    who: Who
    rights: Mapping[Section, frozenset[Action]]
    whole: frozenset[Action]

    def query(self) -> str:
        """Return the proposal as the end of an address."""
        cells = [(section, _letters(LETTERS, self.rights[section])) for section in Section]
        whole = _letters(WHOLE_LETTERS.get(self.relation, {}), self.whole)
        head = [("base", self.base), ("relation", self.relation), ("who", self.who or "")]
        return urlencode([*head, *((name, text) for name, text in cells if text), ("whole", whole)])

    def applied(self, held: Matrix, _known: tuple[MatrixVersion, ...]) -> Matrix:
        """Return the matrix with this row."""
        matrix = held
        for section in Section:
            matrix = matrix.with_rights(self.relation, self.who, section, self.rights[section])
        if not isinstance(self.who, identity.Profession):
            return matrix
        lists = whole_lists(matrix)
        changed = {
            action: lists[action] | {self.who} if action in self.whole else lists[action] - {self.who}
            for action in WHOLE_LETTERS.get(self.relation, {})
        }
        return with_whole(matrix, {**lists, **changed})


@dataclass(frozen=True)
class ReturnProposal:
    """Going back to the rules of an earlier version; 0 is what is shipped."""

    base: int
    version: int

    def query(self) -> str:
        """Return the proposal as the end of an address."""
        return urlencode([("base", self.base), ("version", self.version)])

    def applied(self, held: Matrix, known: tuple[MatrixVersion, ...]) -> Matrix:
        """Return the rules of that version; those that hold when there never was one."""
        versions = {0: access.SHIPPED, **{one.matrix.version: one.matrix for one in known}}
        return replace(versions.get(self.version, held), version=held.version)


Proposal = RowProposal | ReturnProposal


def read_proposal(fields: Fields) -> Proposal | None:
    """Return the change that an address or a form holds; None for what is none."""
    base, version = (asked_number("".join(fields(name))) for name in ("base", "version"))
    row = read_row(fields)
    if base is None:
        return None
    if version is not None:
        return ReturnProposal(base, version)
    if row is None:
        return None
    relation, who = row
    rights = {section: _actions(LETTERS, fields(section.value)) for section in Section}
    return RowProposal(
        base, relation, who, rights, _actions(WHOLE_LETTERS.get(relation, {}), fields("whole"))
    )


def read_row(fields: Fields) -> tuple[Relation, Who] | None:
    """Return the row that an address names; None for what is none."""
    relation = next((one for one in access.RELATIONS if [one.value] == fields("relation")), None)
    if relation is None:
        return None
    named = "".join(fields("who"))
    found = [who for who in access.whos_of(relation) if (who or "") == named]
    return (relation, found[0]) if found else None


def whole_lists(matrix: Matrix) -> dict[Action, frozenset[identity.Profession]]:
    """Return the professions that do what is asked of a dossier as a whole, by action."""
    return {
        Action.MANAGE_TEAM: matrix.manages_team,
        Action.READ_TRAIL: matrix.reads_trail,
        Action.OPEN_EMERGENCY: matrix.opens_emergency,
    }


def with_whole(matrix: Matrix, lists: Mapping[Action, frozenset[identity.Profession]]) -> Matrix:
    """Return the same matrix with other professions in these lists."""
    return replace(
        matrix,
        manages_team=lists[Action.MANAGE_TEAM],
        reads_trail=lists[Action.READ_TRAIL],
        opens_emergency=lists[Action.OPEN_EMERGENCY],
    )


def _letters(alphabet: Mapping[Action, str], actions: frozenset[Action]) -> str:
    return "".join(letter for action, letter in alphabet.items() if action in actions)


def _actions(alphabet: Mapping[Action, str], texts: list[str]) -> frozenset[Action]:
    said = "".join(texts)
    return frozenset(action for action, letter in alphabet.items() if letter in said)
