"""Openings: what the trail says of them, who ends and who takes over which, and which entries a list of them names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action, GrantRequest, Purpose, Section
from support.dossier import MARTIN, House, LastingHouse
from support.family import make_family
from support.identity import make_account, make_administrator, signed_in

DAY = timedelta(days=1)
CLINICAL = frozenset({Section.CLINICAL})


def share(
    house: House,
    by: identity.Caller,
    *entries: access.EntryId,
    sections: frozenset[Section] = CLINICAL,
    team: identity.TeamId | None = None,
) -> access.Grant:
    """Open to the nurse, or to a team, for a day."""
    with house.database.unit_of_work() as uow:
        account = None if team is not None else house.nurse.account
        named = frozenset(entries) or None
        request = GrantRequest(account, team, sections, named, Purpose.CARE, uow.now + DAY)
        return access.grant_access(uow, sharing(house, uow, by), request)


def sharing(house: House, uow: kernel.UnitOfWork, who: identity.Caller) -> access.Permit:
    return access.decide(uow, who, Action.SHARE, house.martin)


def end(house: House, who: identity.Caller, given: access.Grant) -> None:
    with house.database.unit_of_work() as uow:
        access.revoke_grant(uow, sharing(house, uow, who), given.id)


def take_over(house: House, who: identity.Caller, given: access.Grant) -> None:
    with house.database.unit_of_work() as uow:
        access.take_over_grant(uow, sharing(house, uow, who), given.id)


def listed(house: House, who: identity.Caller, action: Action = Action.LIST) -> tuple[access.Grant, ...]:
    with house.database.unit_of_work() as uow:
        return access.grants_of(uow, access.decide(uow, who, action, house.martin))


def another_dossier(house: House) -> House:
    """The same house around another patient, who has no account."""
    with house.database.unit_of_work() as uow:
        return replace(house, martin=dossier.create_dossier(uow, house.physician, MARTIN))


def team_of(house: House) -> identity.TeamId:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        return identity.create_team(uow, administrator, "Astreinte").id


def test_trail_says_who_gave_took_over_and_ended_an_opening_and_how_far_it_went(house: House) -> None:
    entry = house.file().head.id
    given = share(house, house.physician, entry)
    take_over(house, house.patient, given)
    end(house, house.physician, given)

    said = {
        "grant": str(given.id), "account": str(house.nurse.account), "sections": "clinical",
        "entries": str(entry), "ends": given.request.ends_at.isoformat(),
    }  # fmt: skip
    traces = [trace for trace in house.trail() if trace.kind.startswith("grant.")]
    assert [(trace.kind, trace.actor.account, dict(trace.detail)) for trace in traces] == [
        ("grant.given", house.physician.account, said),
        ("grant.taken-over", house.patient.account, said),
        ("grant.revoked", house.physician.account, said),
    ]


def test_trail_names_the_team_that_whole_sections_were_opened_to(embedded_house: House) -> None:
    house = embedded_house
    team = team_of(house)
    given = share(house, house.physician, sections=CLINICAL | {Section.IMAGING}, team=team)

    (trace,) = (trace for trace in house.trail() if trace.kind == "grant.given")
    assert trace.detail == {
        "grant": str(given.id), "team": str(team), "sections": "clinical,imaging",
        "ends": given.request.ends_at.isoformat(),
    }  # fmt: skip


def family_around(house: House) -> tuple[House, identity.Caller, identity.Caller]:
    """A girl's dossier as a house, and the two parents who act for her."""
    family = make_family(house)
    family.let_in(family.mother)
    family.let_in(family.father)
    return replace(house, martin=family.lou, patient=family.child), family.mother, family.father


def test_who_acts_for_a_patient_answers_for_what_is_theirs_and_what_professionals_gave(house: House) -> None:
    home, mother, father = family_around(house)
    not_hers = [share(home, home.patient), share(home, father)]
    hers = [share(home, mother), share(home, home.physician)]

    for given in not_hers:
        with pytest.raises(access.GrantNotFound):
            take_over(home, mother, given)
        with pytest.raises(access.GrantNotFound):
            end(home, mother, given)
    for given in hers:
        take_over(home, mother, given)
        end(home, mother, given)

    ended = {one.id: one.revoked_at is not None for one in listed(home, home.patient)}
    assert ended == {**{one.id: False for one in not_hers}, **{one.id: True for one in hers}}


@pytest.mark.parametrize("who", ["physician", "patient"])
def test_patient_and_team_answer_for_whatever_anybody_gave(embedded_house: House, who: str) -> None:
    home, mother, _ = family_around(embedded_house)
    givens = [share(home, giver) for giver in (home.patient, home.physician, mother)]

    for given in givens:
        take_over(home, getattr(home, who), given)
        end(home, getattr(home, who), given)

    assert all(one.revoked_at is not None for one in listed(home, home.patient))


def test_opening_is_neither_taken_over_nor_ended_once_it_is_over(
    house: House, clock: kernel.SettableClock
) -> None:
    given = share(house, house.physician)
    clock.advance(DAY)

    with pytest.raises(access.GrantNotFound):
        take_over(house, house.patient, given)
    with pytest.raises(access.GrantNotFound):
        end(house, house.patient, given)

    assert listed(house, house.patient) == (given,)


def test_opening_that_is_taken_over_or_ended_leaves_the_others_as_they_are(house: House) -> None:
    taken, ended, left = (share(house, house.patient) for _ in range(3))
    take_over(house, house.physician, taken)
    end(house, house.physician, ended)

    found = {one.id: (one.keeper, one.revoked_at is None) for one in listed(house, house.patient)}
    assert found == {
        taken.id: (house.physician.account, True),
        ended.id: (house.patient.account, False),
        left.id: (house.patient.account, True),
    }


def test_list_of_openings_is_of_one_dossier(house: House) -> None:
    elsewhere = another_dossier(house)
    here, there = share(house, house.physician), share(elsewhere, house.physician)

    assert (listed(house, house.physician), listed(elsewhere, house.physician)) == ((here,), (there,))


def test_opening_in_question_is_found_by_its_identifier_alone(house: House) -> None:
    given = [share(house, house.physician) for _ in range(2)]

    with house.database.reading() as uow:
        found = [access.grant_in_question(uow, one.id) for one in given]
        absent = access.grant_in_question(uow, access.GrantId(kernel.new_id()))
    assert (found, absent) == (given, None)


@pytest.mark.parametrize("action", [Action.MANAGE_TEAM, Action.READ_TRAIL])
def test_acts_on_the_whole_dossier_show_openings_with_their_entries(
    embedded_house: House, action: Action
) -> None:
    given = share(embedded_house, embedded_house.physician, embedded_house.file().head.id)

    assert listed(embedded_house, embedded_house.physician, action) == (given,)


def test_patient_ends_an_opening_on_what_they_may_read_and_not_share(embedded_house: House) -> None:
    house = embedded_house
    entry = house.file(sensitive=True).head.id
    given = share(house, house.physician, entry, sections=frozenset({Section.SENSITIVE}))

    end(house, house.patient, given)

    assert [one.revoked_at is None for one in listed(house, house.patient)] == [False]


def test_openings_on_what_a_carer_does_not_reach_are_absent_for_them(embedded_house: House) -> None:
    house = embedded_house
    house.admit(house.nurse)
    entry = house.file(sensitive=True).head.id
    share(house, house.physician, entry, sections=frozenset({Section.SENSITIVE}))

    assert listed(house, house.nurse) == ()


def test_entry_is_opened_with_the_section_that_it_is_in(embedded_house: House) -> None:
    house = embedded_house
    entry = house.file().head.id

    with pytest.raises(access.GrantInvalid):
        share(house, house.physician, entry, sections=frozenset({Section.IMAGING}))

    assert listed(house, house.physician) == ()


@pytest.mark.parametrize("role", [one for one in identity.Role if one is not identity.Role.PATIENT])
def test_dossier_is_no_colleagues_own(lasting_house: LastingHouse, role: identity.Role) -> None:
    house = lasting_house.house
    with pytest.raises(access.NotAdmissible), house.database.unit_of_work() as uow:
        nobodys = dossier.create_dossier(uow, house.physician, MARTIN)
        permit = access.decide(uow, house.physician, Action.SHARE, nobodys, section=Section.IDENTITY)
        access.link_patient(uow, permit, make_account(uow, house.organisation, role).id)
