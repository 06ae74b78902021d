"""After a death the patient's account, and whoever acted for them, open nothing; care and restrictions go on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Section
from support.dossier import House


def declare(house: House, on: date, by: identity.Caller | None = None) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by or house.physician, Action.MANAGE_TEAM, house.martin)
        access.declare_deceased(uow, permit, on)


def today(house: House) -> date:
    return house.database.clock.now().date()


def test_patient_opens_nothing_after_their_death(house: House) -> None:
    declare(house, today(house))

    for action in Action:
        with pytest.raises(access.AccessRefused) as refused, house.database.unit_of_work() as uow:
            access.decide(uow, house.patient, action, house.martin)
        assert refused.value.reason == "patient-deceased"


def test_care_team_goes_on_after_a_death(house: House) -> None:
    filed = house.file()
    declare(house, today(house))

    assert house.open(house.physician, filed.head.id) == filed
    house.file(title="Certificat de décès")


def test_restrictions_outlive_the_patient(house: House) -> None:
    other, closed = house.caller(), house.file().head.id
    house.admit(other)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        request = access.RestrictionRequest(access.Against.PERSON, other.account, entry=closed)
        access.restrict(uow, permit, request)
    declare(house, today(house))

    assert house.lines(other) == ()


def test_death_declared_in_error_is_taken_back(house: House) -> None:
    declare(house, today(house))
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        assert access.death_of(uow, permit) == today(house)
        access.retract_death(uow, permit)
        assert access.death_of(uow, permit) is None

    with house.database.unit_of_work() as uow:
        assert (
            access.decide(uow, house.patient, Action.READ, house.martin).relation is access.Relation.PATIENT
        )
    told = [(one.kind, one.detail["on"]) for one in house.trail() if one.kind.startswith("death.")]
    assert told == [("death.declared", str(today(house))), ("death.retracted", str(today(house)))]


def test_day_of_death_is_past_and_said_once(embedded_house: House) -> None:
    house = embedded_house
    for wrong in (today(house) + timedelta(days=2), date.max):
        with pytest.raises(access.DeathInvalid):
            declare(house, wrong)
    declare(house, today(house))
    with pytest.raises(access.DeathInvalid):
        declare(house, today(house))
    declare(house, today(house) - timedelta(days=1))


def test_no_death_is_taken_back_that_was_not_declared(embedded_house: House) -> None:
    house = embedded_house
    with pytest.raises(access.DeathInvalid), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.retract_death(uow, permit)


def test_only_whoever_leads_care_declares_a_death(embedded_house: House) -> None:
    house = embedded_house
    house.admit(house.secretary)
    for other in (house.patient, house.secretary, house.caller()):
        with pytest.raises(access.AccessRefused):
            declare(house, today(house), by=other)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.READ, house.martin, section=Section.IDENTITY)
        with pytest.raises(access.PermitMismatch):
            access.declare_deceased(uow, permit, today(house))
        with pytest.raises(access.PermitMismatch):
            access.retract_death(uow, permit)


def test_day_of_death_is_told_by_a_permit_that_reaches_the_identity(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.FILE, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.death_of(uow, permit)


@pytest.mark.parametrize("first", [True, False])
def test_death_touches_no_other_dossier(embedded_house: House, *, first: bool) -> None:
    house = embedded_house
    other = kernel.DossierId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        access.open_dossier(uow, house.physician, other)
        access.link_patient(
            uow, access.decide(uow, house.physician, Action.SHARE, other, section=Section.IDENTITY),
            house.patient.account,
        )  # fmt: skip
    dead, living = (house.martin, other) if first else (other, house.martin)
    declare(replace(house, martin=dead), today(house))

    with house.database.unit_of_work() as uow:
        assert access.decide(uow, house.patient, Action.READ, living).dossier == living
        permits = [access.decide(uow, house.physician, Action.MANAGE_TEAM, one) for one in (dead, living)]
        assert [access.death_of(uow, permit) for permit in permits] == [today(house), None]
