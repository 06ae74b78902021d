from datetime import timedelta

import pytest

from serment import identity, kernel
from support.identity import (
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    signed_in,
)


@pytest.fixture
def practice(entrance: identity.Entrance) -> identity.Organisation:
    with entrance.database.unit_of_work() as uow:
        return make_organisation(uow)


@pytest.fixture
def administrator(entrance: identity.Entrance, practice: identity.Organisation) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, make_administrator(uow, practice))


@pytest.fixture
def nurse(entrance: identity.Entrance, practice: identity.Organisation) -> identity.Account:
    with entrance.database.unit_of_work() as uow:
        return make_professional(uow, practice, identity.Profession.NURSE)


@pytest.fixture
def cardiology(entrance: identity.Entrance, administrator: identity.Caller) -> identity.Team:
    with entrance.database.unit_of_work() as uow:
        return identity.create_team(uow, administrator, "Cardiologie")


def teams_now(entrance: identity.Entrance, account: identity.Account) -> frozenset[identity.TeamId]:
    with entrance.database.reading() as uow:
        return identity.teams_of(uow, account.id)


def test_membership_lasts_from_its_start_to_its_end(
    entrance: identity.Entrance,
    administrator: identity.Caller,
    cardiology: identity.Team,
    nurse: identity.Account,
) -> None:
    assert teams_now(entrance, nurse) == frozenset()
    with entrance.database.unit_of_work() as uow:
        membership = identity.add_member(uow, administrator, cardiology.id, nurse.id)
        assert identity.members_of(uow, cardiology.id) == (membership,)
    assert teams_now(entrance, nurse) == {cardiology.id}

    with entrance.database.unit_of_work() as uow:
        identity.end_membership(uow, administrator, cardiology.id, nurse.id)
        assert identity.members_of(uow, cardiology.id) == ()
    assert teams_now(entrance, nurse) == frozenset()
    with pytest.raises(identity.MembershipNotFound), entrance.database.unit_of_work() as uow:
        identity.end_membership(uow, administrator, cardiology.id, nurse.id)


def test_membership_ends_by_itself_when_it_was_given_an_end(
    entrance: identity.Entrance,
    administrator: identity.Caller,
    cardiology: identity.Team,
    nurse: identity.Account,
    clock: kernel.SettableClock,
) -> None:
    with entrance.database.unit_of_work() as uow:
        until = clock.now() + timedelta(days=1)
        identity.add_member(uow, administrator, cardiology.id, nurse.id, until=until)

    clock.advance(timedelta(days=1) - timedelta(seconds=1))
    assert teams_now(entrance, nurse) == {cardiology.id}
    clock.advance(timedelta(seconds=1))
    assert teams_now(entrance, nurse) == frozenset()


def test_add_member_again_leaves_one_membership(
    entrance: identity.Entrance,
    administrator: identity.Caller,
    cardiology: identity.Team,
    nurse: identity.Account,
) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.add_member(uow, administrator, cardiology.id, nurse.id)
        again = identity.add_member(uow, administrator, cardiology.id, nurse.id)

        assert identity.members_of(uow, cardiology.id) == (again,)


def test_list_teams_shows_those_of_one_organisation_by_name(
    entrance: identity.Entrance,
    practice: identity.Organisation,
    administrator: identity.Caller,
    cardiology: identity.Team,
) -> None:
    with entrance.database.unit_of_work() as uow:
        other = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        identity.create_team(uow, other, "Biologie")
        reception = identity.create_team(uow, administrator, "Accueil")

        assert identity.list_teams(uow, practice.id) == (reception, cardiology)


def test_teams_are_an_administrators_and_within_their_organisation(
    entrance: identity.Entrance,
    practice: identity.Organisation,
    administrator: identity.Caller,
    cardiology: identity.Team,
    nurse: identity.Account,
) -> None:
    with entrance.database.unit_of_work() as uow:
        theirs = signed_in(uow, nurse)
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        foreigner = make_professional(uow, identity.open_organisation(uow, stranger.organisation))
        patient = make_patient_account(uow, practice)
        own = identity.open_account(uow, administrator.account)
        identity.add_member(uow, administrator, cardiology.id, nurse.id)

    for caller, account, refusal in (
        (theirs, nurse, identity.NotPermitted),
        (stranger, foreigner, identity.TeamNotFound),
        (administrator, foreigner, identity.AccountNotFound),
        (administrator, patient, identity.NotPermitted),
        (administrator, own, identity.NotPermitted),
    ):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.add_member(uow, caller, cardiology.id, account.id)
    for caller, refusal in ((theirs, identity.NotPermitted), (stranger, identity.TeamNotFound)):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.end_membership(uow, caller, cardiology.id, nurse.id)
    with pytest.raises(identity.NotPermitted), entrance.database.unit_of_work() as uow:
        identity.create_team(uow, theirs, "Mine")
    with pytest.raises(identity.TeamNotFound), entrance.database.unit_of_work() as uow:
        identity.add_member(uow, administrator, identity.TeamId(kernel.new_id()), nurse.id)
    assert teams_now(entrance, nurse) == {cardiology.id}
