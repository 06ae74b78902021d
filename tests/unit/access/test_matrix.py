"""The matrix as text and within bounds. What each profession does in it, test_policy.py says, apart from the code."""

from dataclasses import replace
from itertools import product

import pytest

from serment.access.matrix import (
    NOTHING,
    RELATIONS,
    SHIPPED,
    Matrix,
    MatrixInvalid,
    read_matrix,
    whos_of,
    write_matrix,
)
from serment.access.matrix.bounds import check
from serment.access.model import WHOLE_DOSSIER, Action, DelegateKind, Relation, Section
from serment.identity import Profession, Role

SEE = frozenset({Action.LIST, Action.READ})
CARE, DELEGATE, EMERGENCY = Relation.CARE_TEAM, Relation.DELEGATE, Relation.EMERGENCY
NURSE, SECRETARY = Profession.NURSE, Profession.SECRETARY


def test_shipped_matrix_is_within_its_bounds() -> None:
    check(SHIPPED)
    assert SHIPPED.version == 0


def test_matrix_is_the_same_once_written_and_read_again() -> None:
    assert read_matrix(write_matrix(SHIPPED)) == SHIPPED
    assert write_matrix(read_matrix(write_matrix(SHIPPED))) == write_matrix(SHIPPED)


def test_rows_speak_of_nobody_who_gives_no_care() -> None:
    """Administrators and data protection officers have no profession: no row could be opened for them."""
    whos = {who for relation in RELATIONS for who in whos_of(relation)}

    assert whos == {None, *DelegateKind, *Profession} - {Profession.NONE}
    assert not {str(who) for who in whos} & {str(Role.ADMINISTRATOR), str(Role.DPO)}


LISTS = 'manages-team = ["physician"]\nreads-trail = []\nopens-emergency = []\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        LISTS.replace("physician", "none"),
        LISTS.replace("physician", "wizard"),
        LISTS + "[care-team.none]\nclinical = ['read']\n",
        LISTS + "[care-team.administrator]\nclinical = ['read']\n",
        LISTS + "[care-team.nurse]\nclinical = ['steal']\n",
        LISTS + "[care-team.nurse]\nattic = ['read']\n",
        LISTS + "[care-team.nurse]\nclinical = ['read-trail']\n",
        LISTS + "[care-team]\nnurse = 'all'\n",
        LISTS + "[care-team.nurse]\nclinical = 3\n",
        LISTS + "[grant.nurse]\nclinical = ['read']\n",
        LISTS + "[data-protection.nurse]\nclinical = ['read']\n",
        LISTS + "other = 3\n",
        LISTS + "[patient.physician]\nclinical = ['read']\n",
        LISTS.replace("reads-trail = []\n", ""),
    ],
)
def test_what_is_no_matrix_is_not_read(text: str) -> None:
    with pytest.raises(MatrixInvalid) as refused:
        read_matrix(text)
    assert refused.value.rule == "unreadable"


def test_empty_cells_are_as_if_they_were_not_said() -> None:
    assert read_matrix(LISTS + "[care-team.nurse]\nclinical = []\n") == read_matrix(LISTS)
    assert read_matrix(LISTS + "[care-team.nurse]\n") == read_matrix(LISTS)


def with_cell(*place: object, actions: frozenset[Action]) -> Matrix:
    relation, who, section = place
    assert isinstance(relation, Relation)
    assert isinstance(section, Section)
    assert who is None or isinstance(who, Profession | DelegateKind)
    return SHIPPED.with_rights(relation, who, section, actions)


TRUSTED = DelegateKind.TRUSTED_PERSON
BEYOND = {
    "unreadable": tuple(
        with_cell(CARE, NURSE, Section.CLINICAL, actions=SEE | {action}) for action in sorted(WHOLE_DOSSIER)
    ),
    "an-action-needs-another": (
        with_cell(CARE, NURSE, Section.CLINICAL, actions=frozenset({Action.READ})),
        with_cell(CARE, NURSE, Section.CLINICAL, actions=frozenset({Action.LIST, Action.AMEND})),
        with_cell(CARE, NURSE, Section.CLINICAL, actions=frozenset({Action.LIST, Action.WITHDRAW})),
        with_cell(CARE, NURSE, Section.CLINICAL, actions=frozenset({Action.LIST, Action.SHARE})),
    ),
    "patients-read-their-own": tuple(
        with_cell(Relation.PATIENT, None, section, actions=actions)
        for section in Section
        for actions in (frozenset[Action](), frozenset({Action.LIST}))
    ),
    "patients-rewrite-nothing": (
        with_cell(Relation.PATIENT, None, Section.CLINICAL, actions=SEE | {Action.AMEND}),
        with_cell(Relation.PATIENT, None, Section.CLINICAL, actions=SEE | {Action.WITHDRAW}),
        with_cell(Relation.PATIENT, None, Section.IDENTITY, actions=SEE | {Action.FILE}),
        with_cell(Relation.PATIENT, None, Section.IDENTITY, actions=SEE | {Action.SHARE}),
    ),
    "delegates-stay-below-the-patient": (
        with_cell(DELEGATE, TRUSTED, Section.SENSITIVE, actions=SEE | {Action.FILE}),
        with_cell(DELEGATE, DelegateKind.PARENT, Section.CLINICAL, actions=SEE | {Action.AMEND}),
    ),
    "strangers-find-only": (
        *(
            with_cell(Relation.SAME_ORGANISATION, Profession.PHYSICIAN, section, actions=SEE)
            for section in Section
        ),
        *(
            with_cell(Relation.SAME_ORGANISATION, NURSE, section, actions=frozenset({Action.LIST}))
            for section in Section
            if section is not Section.IDENTITY
        ),
    ),
    "emergency-stays-below-care": (
        with_cell(EMERGENCY, Profession.PHYSICIAN, Section.CLINICAL, actions=SEE | {Action.FILE}),
        with_cell(EMERGENCY, NURSE, Section.SENSITIVE, actions=SEE),
        with_cell(EMERGENCY, Profession.BIOLOGIST, Section.IMAGING, actions=SEE),
    ),
    "reception-reads-nothing-clinical": (
        *(
            with_cell(CARE, SECRETARY, section, actions=SEE)
            for section in Section
            if section is not Section.IDENTITY
        ),
        with_cell(CARE, SECRETARY, Section.IDENTITY, actions=SEE | {Action.SHARE}),
        replace(SHIPPED, reads_trail=frozenset({SECRETARY})),
        replace(SHIPPED, opens_emergency=frozenset({SECRETARY})),
    ),
    "carers-see-the-name": (
        with_cell(CARE, Profession.BIOLOGIST, Section.IDENTITY, actions=frozenset({Action.LIST})),
        with_cell(DELEGATE, TRUSTED, Section.IDENTITY, actions=frozenset()),
    ),
    "somebody-manages-the-team": (replace(SHIPPED, manages_team=frozenset()),),
}


@pytest.mark.parametrize(("rule", "matrix"), [(rule, one) for rule, all_ in BEYOND.items() for one in all_])
def test_no_matrix_goes_beyond_its_bounds(rule: str, matrix: Matrix) -> None:
    with pytest.raises(MatrixInvalid) as refused:
        check(matrix)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("relation", "who", "said"), [(CARE, NURSE, "care-team.nurse"), (Relation.PATIENT, None, "patient.")]
)
def test_refusal_names_the_row_and_the_section(relation: Relation, who: Profession | None, said: str) -> None:
    with pytest.raises(MatrixInvalid) as refused:
        check(with_cell(relation, who, Section.IMAGING, actions=frozenset({Action.READ})))

    assert refused.value.place == f"{said}.imaging"


def test_patients_keep_their_row_even_where_it_is_left_out() -> None:
    rows = {place: row for place, row in SHIPPED.rows.items() if place[0] is not Relation.PATIENT}

    with pytest.raises(MatrixInvalid) as refused:
        check(replace(SHIPPED, rows=rows))
    assert refused.value.rule == "patients-read-their-own"


def test_professions_may_be_left_out_altogether() -> None:
    rows = {place: row for place, row in SHIPPED.rows.items() if place[1] is not Profession.PHARMACIST}

    check(replace(SHIPPED, rows=rows))
    check(replace(SHIPPED, rows={**rows, (CARE, Profession.PHARMACIST): NOTHING}))


def test_cells_are_asked_one_by_one() -> None:
    for section, action in product(Section, Action):
        open_ = action in SHIPPED.rights(CARE, NURSE).get(section, frozenset())
        assert SHIPPED.allows(CARE, NURSE, section, action) is open_
    assert not any(SHIPPED.allows(CARE, Profession.NONE, section, Action.LIST) for section in Section)


def test_other_rights_leave_every_other_cell_as_it_was() -> None:
    changed = SHIPPED.with_rights(CARE, NURSE, Section.CLINICAL, ())

    assert Section.CLINICAL not in changed.rights(CARE, NURSE)
    assert (
        changed.with_rights(CARE, NURSE, Section.CLINICAL, SHIPPED.rights(CARE, NURSE)[Section.CLINICAL])
        == SHIPPED
    )
    assert WHOLE_DOSSIER.isdisjoint(
        action for row in SHIPPED.rows.values() for does in row.values() for action in does
    )


def test_row_without_any_cell_left_is_gone() -> None:
    named = SHIPPED.rights(Relation.SAME_ORGANISATION, NURSE)[Section.IDENTITY]
    changed = SHIPPED.with_rights(Relation.SAME_ORGANISATION, NURSE, Section.IDENTITY, ())

    assert SHIPPED.rows.keys() - changed.rows.keys() == {(Relation.SAME_ORGANISATION, NURSE)}
    assert changed.with_rights(Relation.SAME_ORGANISATION, NURSE, Section.IDENTITY, named) == SHIPPED
