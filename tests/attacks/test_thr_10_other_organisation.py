"""THR-10: somebody of another organisation on the same installation."""

from datetime import date

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action, Section
from support.dossier import MARTIN, House
from support.identity import make_administrator, make_organisation, make_patient_account, signed_in

ANYBODY = sorted(set(identity.Profession) - {identity.Profession.NONE})


@pytest.fixture
def elsewhere(house: House) -> identity.Organisation:
    with house.database.unit_of_work() as uow:
        return make_organisation(uow, "Clinique de la Baie")


@pytest.mark.parametrize("profession", ANYBODY)
def test_stranger_reaches_nothing(
    house: House, elsewhere: identity.Organisation, profession: identity.Profession
) -> None:
    stranger = house.caller(profession, elsewhere)

    reached = [
        (action, section)
        for action in Action
        for section in (None, *Section)
        if _refusal(house, stranger, action, house.martin, section) is None
    ]

    assert reached == []


def test_dossier_of_another_organisation_answers_as_one_that_does_not_exist(
    house: House, elsewhere: identity.Organisation
) -> None:
    stranger = house.caller(organisation=elsewhere)
    absent = kernel.DossierId(kernel.new_id())

    there = _refusal(house, stranger, Action.READ, house.martin, Section.CLINICAL)
    nowhere = _refusal(house, stranger, Action.READ, absent, Section.CLINICAL)

    assert type(there) is type(nowhere) is access.AccessRefused
    assert there is not None
    assert there.code == access.AccessRefused.code


def test_search_finds_patients_of_ones_own_organisation_only(
    house: House, elsewhere: identity.Organisation
) -> None:
    stranger = house.caller(organisation=elsewhere)
    search = dossier.Search(birth_date=date(1970, 3, 12), name="MAR")

    with house.database.unit_of_work() as uow:
        assert [found.identity for found in dossier.find_patients(uow, house.physician, search)] == [MARTIN]
        assert dossier.find_patients(uow, stranger, search) == ()


def test_patient_of_another_dossier_reaches_nothing(house: House) -> None:
    with house.database.unit_of_work() as uow:
        other = signed_in(uow, make_patient_account(uow, house.organisation, "Sacha Essai"))

    reached = [
        (action, section)
        for action in Action
        for section in (None, *Section)
        if _refusal(house, other, action, house.martin, section) is None
    ]

    assert reached == []


def test_dossier_of_one_organisation_is_listed_for_nobody_of_the_other(
    house: House, elsewhere: identity.Organisation
) -> None:
    stranger = house.caller(organisation=elsewhere)

    with house.database.unit_of_work() as uow:
        assert access.decide_listed(uow, stranger, [house.martin]) == {}
        assert dossier.my_patients(uow, stranger) == ()


@pytest.mark.parametrize("admitted", ["account", "team"])
def test_nobody_of_another_organisation_is_admitted_to_the_care_team(
    house: House, elsewhere: identity.Organisation, admitted: str
) -> None:
    stranger = house.caller(organisation=elsewhere)
    with house.database.unit_of_work() as uow:
        team = identity.create_team(uow, signed_in(uow, make_administrator(uow, elsewhere)), "Astreinte")
    account, chosen = (stranger.account, None) if admitted == "account" else (None, team.id)

    with pytest.raises(access.NotAdmissible), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.admit_to_care_team(uow, permit, account=account, team=chosen)


def test_nobody_but_professionals_is_admitted_to_the_care_team(house: House) -> None:
    with pytest.raises(access.NotAdmissible), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.admit_to_care_team(uow, permit, account=house.patient.account)


def _refusal(
    house: House,
    caller: identity.Caller,
    action: Action,
    wanted: kernel.DossierId,
    section: Section | None,
) -> access.AccessRefused | None:
    try:
        with house.database.unit_of_work() as uow:
            access.decide(uow, caller, action, wanted, section=section)
    except access.AccessRefused as refused:
        return refused
    return None
