"""The matrix of rights as an administrator changes it: within bounds, in versions, in the open."""

from dataclasses import replace

import pytest

from serment import access, identity, kernel, ledger
from serment.access import SHIPPED, Action, Matrix, Relation, Section
from serment.access.matrix import check_matrices
from serment.access.matrix.store import insert_version
from serment.identity import Profession
from support.dossier import House
from support.family import make_family
from support.identity import make_administrator, make_organisation, make_professional, signed_in

#: A version in which nurses of the care team do not read what is clinical.
WITHOUT_NURSES = SHIPPED.with_rights(
    Relation.CARE_TEAM, Profession.NURSE, Section.CLINICAL, {Action.FILE}
).with_rights(Relation.EMERGENCY, Profession.NURSE, Section.CLINICAL, ())


@pytest.fixture
def administrator(house: House) -> identity.Caller:
    return administrator_of(house)


def administrator_of(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        signed = signed_in(uow, make_administrator(uow, house.organisation))
        return replace(signed, stepped_up_at=uow.now)


def adopt(house: House, by: identity.Caller, proposed: Matrix, expected: int = 0) -> access.MatrixVersion:
    with house.database.unit_of_work() as uow:
        return access.adopt_matrix(uow, by, proposed, expected)


def reads(house: House, caller: identity.Caller) -> set[Section]:
    with house.database.unit_of_work() as uow:
        return set(access.decide(uow, caller, Action.READ, house.martin).reach)


def test_adopted_matrix_holds_at_the_next_decision(house: House, administrator: identity.Caller) -> None:
    house.admit(house.nurse)
    assert Section.CLINICAL in reads(house, house.nurse)

    adopted = adopt(house, administrator, WITHOUT_NURSES)

    assert (adopted.matrix.version, adopted.adopted_by) == (1, administrator.account)
    assert Section.CLINICAL not in reads(house, house.nurse)
    assert house.trail()[-1].detail["matrix"] == "1"
    with house.database.reading() as uow:
        assert access.current_matrix(uow, house.organisation.id) == replace(WITHOUT_NURSES, version=1)


def test_matrix_is_that_of_the_organisation_whose_dossier_it_is(
    house: House, administrator: identity.Caller
) -> None:
    adopt(house, administrator, WITHOUT_NURSES)
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Centre hospitalier")
        physician = signed_in(uow, make_professional(uow, elsewhere))
        nurse = signed_in(uow, make_professional(uow, elsewhere, Profession.NURSE))
        other = kernel.DossierId(kernel.new_id())
        access.open_dossier(uow, physician, other)
        permit = access.decide(uow, physician, Action.MANAGE_TEAM, other)
        access.admit_to_care_team(uow, permit, account=nurse.account)

        assert Section.CLINICAL in access.decide(uow, nurse, Action.READ, other).reach
        assert access.current_matrix(uow, elsewhere.id) == SHIPPED


def test_list_of_patients_is_judged_by_the_version_that_holds(
    house: House, administrator: identity.Caller
) -> None:
    unlisted = SHIPPED.with_rights(Relation.SAME_ORGANISATION, Profession.NURSE, Section.IDENTITY, ())
    adopt(house, administrator, unlisted)

    with house.database.unit_of_work() as uow:
        assert access.decide_listed(uow, house.nurse, [house.martin]) == {}
        assert set(access.decide_listed(uow, house.secretary, [house.martin])) == {house.martin}


def test_versions_follow_each_other_and_none_is_lost(house: House, administrator: identity.Caller) -> None:
    adopt(house, administrator, WITHOUT_NURSES)
    adopt(house, administrator, SHIPPED, expected=1)

    with house.database.reading() as uow:
        versions = access.matrix_history(uow, administrator)
    assert [one.matrix.version for one in versions] == [2, 1]
    assert replace(versions[0].matrix, version=0) == SHIPPED
    assert {one.adopted_by for one in versions} == {administrator.account}


def test_newest_of_several_versions_decides(house: House, administrator: identity.Caller) -> None:
    house.admit(house.nurse)
    adopt(house, administrator, WITHOUT_NURSES)
    adopt(house, administrator, SHIPPED, expected=1)

    assert Section.CLINICAL in reads(house, house.nurse)
    assert house.trail()[-1].detail["matrix"] == "2"


@pytest.mark.parametrize(
    "beyond",
    [
        replace(SHIPPED, manages_team=frozenset()),
        SHIPPED.with_rights(
            Relation.CARE_TEAM, Profession.NURSE, Section.CLINICAL, {Action.LIST, Action.READ_TRAIL}
        ),
    ],
    ids=["against-the-law", "unreadable"],
)
def test_matrix_beyond_its_bounds_is_not_adopted(embedded_house: House, beyond: Matrix) -> None:
    house, administrator = embedded_house, administrator_of(embedded_house)
    with pytest.raises(access.MatrixInvalid):
        adopt(house, administrator, beyond)

    with house.database.reading() as uow:
        assert access.current_matrix(uow, house.organisation.id) == SHIPPED


def test_change_made_from_an_older_version_is_refused(house: House, administrator: identity.Caller) -> None:
    adopt(house, administrator, WITHOUT_NURSES)

    with pytest.raises(access.MatrixOutdated):
        adopt(house, administrator, SHIPPED)


def test_change_that_changes_nothing_is_refused(house: House, administrator: identity.Caller) -> None:
    with pytest.raises(access.MatrixInvalid) as refused:
        adopt(house, administrator, SHIPPED)
    assert refused.value.rule == "unchanged"


def test_adoption_is_traced_and_anchored(house: House, administrator: identity.Caller) -> None:
    adopt(house, administrator, WITHOUT_NURSES)

    with house.database.reading() as uow:
        (trace,) = [
            one.trace
            for one in ledger.read_security_log(uow, house.organisation.id, limit=9)
            if one.trace.kind == "matrix.adopted"
        ]
        (stored,) = check_matrices(uow)
        anchored = ledger.current_anchor(uow, stored.place)
    assert (trace.outcome, trace.actor, trace.detail["version"]) == (
        ledger.Outcome.ALLOWED,
        administrator.actor,
        "1",
    )
    assert anchored == stored.digest == bytes.fromhex(trace.detail["digest"])


@pytest.mark.parametrize("role", ["physician", "patient", "dpo"])
def test_nobody_but_an_administrator_adopts(house: House, role: str) -> None:
    with house.database.unit_of_work() as uow:
        physician = replace(house.physician, stepped_up_at=uow.now)
    other = {
        "physician": physician,
        "patient": replace(house.patient, stepped_up_at=physician.stepped_up_at),
        "dpo": replace(physician, role=identity.Role.DPO),
    }[role]

    with pytest.raises(identity.NotPermitted):
        adopt(house, other, WITHOUT_NURSES)

    with house.database.reading() as uow:
        assert access.current_matrix(uow, house.organisation.id) == SHIPPED
        refused, *_ = [one.trace for one in ledger.read_security_log(uow, house.organisation.id, limit=9)]
    assert (refused.kind, refused.outcome) == ("matrix.adopted", ledger.Outcome.REFUSED)


def test_adopting_takes_a_fresh_factor(house: House, administrator: identity.Caller) -> None:
    with pytest.raises(identity.StepUpNeeded):
        adopt(house, replace(administrator, stepped_up_at=None), WITHOUT_NURSES)


@pytest.mark.parametrize("everything", [True, False])
def test_administrator_reads_nothing_whatever_they_adopt(house: House, everything: bool) -> None:
    """They open the widest matrix that the bounds allow, and are refused as before (THR-07)."""
    administrator = administrator_of(house)
    if everything:
        adopt(house, administrator, widest())

    for action in Action:
        with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
            access.decide(uow, administrator, action, house.martin)
    stranger = house.caller(Profession.SECRETARY)
    with pytest.raises(access.AccessRefused):
        reads(house, stranger)


def widest() -> Matrix:
    """Every profession but reception does in care what a physician does."""
    matrix = SHIPPED
    for profession in set(Profession) - {Profession.NONE, Profession.SECRETARY}:
        for section, actions in SHIPPED.rights(Relation.CARE_TEAM, Profession.PHYSICIAN).items():
            matrix = matrix.with_rights(Relation.CARE_TEAM, profession, section, actions)
            matrix = matrix.with_rights(
                Relation.EMERGENCY, profession, section, actions & {Action.LIST, Action.READ}
            )
    return matrix


def test_history_is_for_whoever_answers_for_it(house: House) -> None:
    with pytest.raises(identity.NotPermitted), house.database.reading() as uow:
        access.matrix_history(uow, house.physician)


def effects(house: House, by: identity.Caller, proposed: Matrix) -> list[access.Effect]:
    with house.database.reading() as uow:
        return list(access.preview_matrix(uow, by, proposed))


def test_preview_counts_people_and_dossiers_of_each_cell(
    house: House, administrator: identity.Caller
) -> None:
    house.admit(house.nurse)
    second = kernel.DossierId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        access.open_dossier(uow, house.physician, second)
        access.admit_to_care_team(
            uow, access.decide(uow, house.physician, Action.MANAGE_TEAM, second), account=house.nurse.account
        )
    house.caller(Profession.NURSE)

    assert effects(house, administrator, WITHOUT_NURSES) == [
        access.Effect(
            Relation.CARE_TEAM, Profession.NURSE, Section.CLINICAL, action, lost_people=1, lost_dossiers=2
        )
        for action in (Action.LIST, Action.READ, Action.AMEND, Action.WITHDRAW)
    ] + [
        access.Effect(
            Relation.EMERGENCY, Profession.NURSE, Section.CLINICAL, action, lost_people=2, lost_dossiers=2
        )
        for action in (Action.LIST, Action.READ)
    ]


def test_preview_counts_teams_openings_patients_and_whoever_finds(
    house: House, administrator: identity.Caller
) -> None:
    expert, member = house.caller(Profession.BIOLOGIST), house.caller(Profession.BIOLOGIST)
    with house.database.unit_of_work() as uow:
        team = identity.create_team(uow, administrator, "Astreinte")
        identity.add_member(uow, administrator, team.id, member.account)
        leading = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.admit_to_care_team(uow, leading, team=team.id)
        sharing = access.decide(uow, house.physician, Action.SHARE, house.martin)
        ends_at = leading.until.replace(year=leading.until.year + 1, day=1)
        request = access.GrantRequest(
            expert.account, None, frozenset({Section.IMAGING}), None, access.Purpose.CARE, ends_at
        )
        access.grant_access(uow, sharing, request)
    seeing = {Action.LIST, Action.READ}
    proposed = replace(
        SHIPPED.with_rights(Relation.CARE_TEAM, Profession.BIOLOGIST, Section.IMAGING, seeing)
        .with_rights(Relation.SAME_ORGANISATION, Profession.BIOLOGIST, Section.IDENTITY, ())
        .with_rights(Relation.PATIENT, None, Section.SENSITIVE, {*seeing, Action.FILE}),
        reads_trail=frozenset({Profession.BIOLOGIST}),
        opens_emergency=SHIPPED.opens_emergency | {Profession.BIOLOGIST},
    )

    counted = {
        (one.relation, one.profession, one.section, one.action): (
            one.gained_people,
            one.gained_dossiers,
            one.lost_people,
            one.lost_dossiers,
        )
        for one in effects(house, administrator, proposed)
    }

    biologist, physician = Profession.BIOLOGIST, Profession.PHYSICIAN
    assert counted == {
        (Relation.PATIENT, None, Section.SENSITIVE, Action.FILE): (1, 1, 0, 0),
        (Relation.CARE_TEAM, biologist, Section.IMAGING, Action.LIST): (2, 1, 0, 0),
        (Relation.CARE_TEAM, biologist, Section.IMAGING, Action.READ): (2, 1, 0, 0),
        (Relation.SAME_ORGANISATION, biologist, Section.IDENTITY, Action.LIST): (0, 0, 2, 1),
        (Relation.CARE_TEAM, physician, None, Action.READ_TRAIL): (0, 0, 1, 1),
        (Relation.CARE_TEAM, biologist, None, Action.READ_TRAIL): (1, 1, 0, 0),
        (Relation.EMERGENCY, biologist, None, Action.OPEN_EMERGENCY): (2, 1, 0, 0),
    }


def test_preview_is_for_administrators_and_within_bounds(house: House) -> None:
    with pytest.raises(identity.NotPermitted):
        effects(house, house.physician, WITHOUT_NURSES)
    with pytest.raises(access.MatrixInvalid):
        effects(house, administrator_of(house), replace(SHIPPED, manages_team=frozenset()))


@pytest.mark.parametrize(
    ("kind", "counted"), [(access.DelegateKind.PARENT, (2, 1)), (access.DelegateKind.GUARDIAN, (0, 0))]
)
def test_preview_counts_whoever_acts_for_patients(
    house: House, kind: access.DelegateKind, counted: tuple[int, int]
) -> None:
    family = make_family(house)
    family.let_in(family.mother)
    family.let_in(family.father)
    proposed = SHIPPED.with_rights(Relation.DELEGATE, kind, Section.SENSITIVE, ())

    lost = effects(house, administrator_of(house), proposed)

    assert {(one.lost_people, one.lost_dossiers) for one in lost} == {counted}


def test_of_two_who_adopt_at_once_one_is_told(house: House, administrator: identity.Caller) -> None:
    adopted = adopt(house, administrator, WITHOUT_NURSES)

    with pytest.raises(access.MatrixOutdated), house.database.unit_of_work() as uow:
        insert_version(uow, adopted)
