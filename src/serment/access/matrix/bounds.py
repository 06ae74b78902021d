"""How far any matrix may go: what no administrator can decide, neither for others nor for themself. Pure.

A matrix speaks of professions and of whoever acts for a patient: an administrator or a data protection officer has
neither, hence no row that they could open for themselves.
"""

from collections.abc import Callable, Iterator

from serment.access.matrix.errors import MatrixInvalid
from serment.access.matrix.model import NOTHING, Matrix, Rights, Who
from serment.access.model import WHOLE_DOSSIER, Action, Relation, Section
from serment.identity import Profession

_SEE = frozenset({Action.LIST, Action.READ})
#: To change or share something, one has to read it; to read it, to find it.
_NEEDED = {
    Action.READ: Action.LIST,
    Action.AMEND: Action.READ,
    Action.WITHDRAW: Action.READ,
    Action.SHARE: Action.READ,
}


def check(matrix: Matrix) -> None:
    """Refuse a matrix that goes beyond the law or makes no sense.

    Raises:
        MatrixInvalid: it does; `rule` names the first bound, `place` the row and section.
    """
    for holds, rule in _BOUNDS:
        for (relation, who), row in _rows(matrix):
            for section in Section:
                if not holds(matrix, relation, who, section, row.get(section, frozenset())):
                    raise MatrixInvalid(rule, f"{relation}.{who or ''}.{section}")
    if not matrix.manages_team:
        raise MatrixInvalid("somebody-manages-the-team")
    if Profession.SECRETARY in matrix.reads_trail | matrix.opens_emergency:
        raise MatrixInvalid("reception-reads-nothing-clinical")


def _rows(matrix: Matrix) -> Iterator[tuple[tuple[Relation, Who], Rights]]:
    """Yield the rows that stand there, and the patient's own even where it is missing."""
    yield (Relation.PATIENT, None), matrix.rights(Relation.PATIENT, None)
    yield from matrix.rows.items()


_Holds = Callable[[Matrix, Relation, Who, Section, frozenset[Action]], bool]


def _asks_of_sections(_m: Matrix, _r: Relation, _w: Who, _s: Section, actions: frozenset[Action]) -> bool:
    """What is asked of a dossier as a whole stands in no cell: such a version, once written, could not be read."""
    return actions.isdisjoint(WHOLE_DOSSIER)


def _makes_sense(_m: Matrix, _r: Relation, _w: Who, _s: Section, actions: frozenset[Action]) -> bool:
    return all(_NEEDED[action] in actions for action in actions if action in _NEEDED)


def _patient_reads_all(_m: Matrix, r: Relation, _w: Who, _s: Section, actions: frozenset[Action]) -> bool:
    """Patients read their own data and take them away, whatever an organisation thinks of it (LAW-43, LAW-53)."""
    return r is not Relation.PATIENT or actions >= _SEE


def _patient_rewrites_nothing(
    _m: Matrix, r: Relation, _w: Who, s: Section, actions: frozenset[Action]
) -> bool:
    most = _SEE if s is Section.IDENTITY else _SEE | {Action.FILE, Action.SHARE}
    return r is not Relation.PATIENT or actions <= most


def _delegate_below_patient(m: Matrix, r: Relation, _w: Who, s: Section, actions: frozenset[Action]) -> bool:
    most = m.rights(Relation.PATIENT, None).get(s, frozenset())
    return r is not Relation.DELEGATE or actions <= most


def _strangers_find_only(_m: Matrix, r: Relation, _w: Who, s: Section, actions: frozenset[Action]) -> bool:
    """A care team is never all of the hospital (CSP L.1110-12, LAW-51)."""
    most = frozenset({Action.LIST}) if s is Section.IDENTITY else frozenset()
    return r is not Relation.SAME_ORGANISATION or actions <= most


def _emergency_below_care(m: Matrix, r: Relation, w: Who, s: Section, actions: frozenset[Action]) -> bool:
    most = _SEE & m.rights(Relation.CARE_TEAM, w).get(s, frozenset())
    return r is not Relation.EMERGENCY or actions <= most


def _reception_reads_nothing(
    _m: Matrix, _r: Relation, w: Who, s: Section, actions: frozenset[Action]
) -> bool:
    """Reception files and finds (LAW-52). To share the identity is to make the patient's account, which reads all."""
    most = frozenset(Action) - {Action.SHARE} if s is Section.IDENTITY else frozenset({Action.FILE})
    return w is not Profession.SECRETARY or actions <= most


def _carers_see_the_name(m: Matrix, r: Relation, w: Who, _s: Section, _a: frozenset[Action]) -> bool:
    named = m.rights(r, w).get(Section.IDENTITY, frozenset())
    return r not in {Relation.CARE_TEAM, Relation.DELEGATE} or named >= _SEE or m.rights(r, w) == NOTHING


_BOUNDS: tuple[tuple[_Holds, str], ...] = (
    (_asks_of_sections, "unreadable"),
    (_makes_sense, "an-action-needs-another"),
    (_patient_reads_all, "patients-read-their-own"),
    (_patient_rewrites_nothing, "patients-rewrite-nothing"),
    (_delegate_below_patient, "delegates-stay-below-the-patient"),
    (_strangers_find_only, "strangers-find-only"),
    (_emergency_below_care, "emergency-stays-below-care"),
    (_reception_reads_nothing, "reception-reads-nothing-clinical"),
    (_carers_see_the_name, "carers-see-the-name"),
)
