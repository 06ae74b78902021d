"""Who takes part in the care: whom the team may take, whose part ends and when, and what is written of each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action
from support.dossier import MARTIN, House
from support.identity import make_account, make_administrator, make_organisation, make_professional, signed_in

HOUR = timedelta(hours=1)
#: Somebody to be named, by account or by team.
Named = Callable[[kernel.UnitOfWork, House], dict[str, object]]


def managing(uow: kernel.UnitOfWork, house: House) -> access.Permit:
    return access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)


def admit(house: House, **named: object) -> None:
    with house.database.unit_of_work() as uow:
        access.admit_to_care_team(uow, managing(uow, house), **named)  # type: ignore[arg-type] # account or team


def end(house: House, **named: object) -> None:
    with house.database.unit_of_work() as uow:
        access.end_participation(uow, managing(uow, house), **named)  # type: ignore[arg-type] # account or team


def parts(house: House) -> list[access.Participation]:
    """Everybody's part but that of whoever opened the dossier."""
    with house.database.unit_of_work() as uow:
        found = access.care_team(uow, access.decide(uow, house.physician, Action.LIST, house.martin))
    return [part for part in found if part.account != house.physician.account]


def another_dossier(house: House) -> House:
    with house.database.unit_of_work() as uow:
        return replace(house, martin=dossier.create_dossier(uow, house.physician, MARTIN))


def new_team(uow: kernel.UnitOfWork, organisation: identity.Organisation) -> identity.TeamId:
    administrator = signed_in(uow, make_administrator(uow, organisation))
    return identity.create_team(uow, administrator, "Astreinte").id


def team_of(house: House) -> identity.TeamId:
    with house.database.unit_of_work() as uow:
        return new_team(uow, house.organisation)


_OUTSIDE: dict[str, Named] = {
    "professional of another house": lambda uow, _: {
        "account": make_professional(uow, make_organisation(uow)).id
    },
    "administrator": lambda uow, house: {"account": make_administrator(uow, house.organisation).id},
    "officer": lambda uow, house: {"account": make_account(uow, house.organisation, identity.Role.DPO).id},
    "patient": lambda _, house: {"account": house.patient.account},
    "team of another house": lambda uow, _: {"team": new_team(uow, make_organisation(uow))},
}


@pytest.mark.parametrize("who", _OUTSIDE)
def test_care_takes_only_professionals_and_teams_of_the_house(embedded_house: House, who: str) -> None:
    house = embedded_house
    team_of(house)
    with house.database.unit_of_work() as uow:
        named = _OUTSIDE[who](uow, house)

    with pytest.raises(access.NotAdmissible) as refused:
        admit(house, **named)

    assert str(refused.value) == str(*named.values())
    assert parts(house) == []


@pytest.mark.parametrize("kind", ["account", "team"])
def test_refusal_names_who_takes_part_already_or_no_more(embedded_house: House, kind: str) -> None:
    house = embedded_house
    who = house.nurse.account if kind == "account" else team_of(house)
    named = {kind: who}

    with pytest.raises(access.NotInCareTeam) as absent:
        end(house, **named)
    admit(house, **named)
    with pytest.raises(access.AlreadyInCareTeam) as present:
        admit(house, **named)

    assert (str(absent.value), str(present.value)) == (str(who), str(who))


def test_part_ends_in_one_dossier_and_for_one_person(house: House) -> None:
    elsewhere, colleague = another_dossier(house), house.caller()
    for one in (house, elsewhere):
        admit(one, account=house.nurse.account)
        admit(one, account=colleague.account)

    end(house, account=house.nurse.account)

    assert [part.account for part in parts(house) if part.ended_at is None] == [colleague.account]
    assert [part.ended_at for part in parts(elsewhere)] == [None, None]


def test_part_of_one_team_ends_and_of_no_other(house: House) -> None:
    leaving, staying = team_of(house), team_of(house)
    admit(house, team=leaving)
    admit(house, team=staying)
    admit(house, account=house.nurse.account)

    end(house, team=leaving)

    assert {part.team or part.account for part in parts(house) if part.ended_at is None} == {
        staying,
        house.nurse.account,
    }


def test_part_that_ended_is_begun_anew_and_keeps_its_end(house: House, clock: kernel.SettableClock) -> None:
    ends = list[object]()
    for _ in range(2):
        admit(house, account=house.nurse.account)
        clock.advance(HOUR)
        end(house, account=house.nurse.account)
        ends.append(clock.now())
        clock.advance(HOUR)
    with pytest.raises(access.NotInCareTeam):
        end(house, account=house.nurse.account)

    assert [part.ended_at for part in parts(house)] == ends
