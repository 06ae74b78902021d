"""Who reads which lines of a trail, and one line by itself: what is told later, and what is contested."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel, ledger, vigilance
from serment.access import Action, DelegateKind
from support.dossier import MARTIN, House
from support.family import make_family, relative_of

TOLD_LATER = access.EmergencyRequest(
    access.EmergencyReason.LIFE_AT_RISK, frozenset({access.Section.CLINICAL}), timedelta(hours=1),
    "Arrêt cardiaque au bloc.", access.DelayReason.PATIENT_AT_RISK,
)  # fmt: skip


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: what is kept from a reader is left out of what the rows say, on any kind of database."""
    return embedded_house


@pytest.fixture
def guardian(house: House) -> identity.Caller:
    """Somebody who acts for the patient in all things."""
    relative = relative_of(house)
    make_family(house).let_in(relative, DelegateKind.GUARDIAN, house.martin)
    return relative


def read(house: House, who: identity.Caller, *, starting: str) -> list[ledger.RecordedTrace]:
    """Return the lines of some kinds that somebody reads, newest first."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.READ_TRAIL, house.martin)
        found = access.read_trail(uow, permit)
    return [one for one in found if one.trace.kind.startswith(starting)]


def lines(house: House, who: identity.Caller, *, starting: str) -> list[ledger.TraceId]:
    return [one.id for one in read(house, who, starting=starting)]


def opens(house: House, who: identity.Caller, line: ledger.TraceId) -> bool:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.READ_TRAIL, house.martin)
        try:
            return access.open_line(uow, permit, line).id == line
        except access.AccessRefused:
            return False


def contest(house: House) -> None:
    """Contest an access as the patient's page does."""
    kind = vigilance.IncidentKind.ACCESS_CONTESTED
    report = vigilance.Report(
        house.organisation.id, kind, account=house.physician.account, dossier=house.martin, words="Pourquoi ?"
    )
    with house.database.unit_of_work() as uow:
        vigilance.open_incident(uow, house.patient.actor, report)


def test_contested_access_is_read_by_the_patient_and_by_nobody_whose_access_it_was(
    house: House, guardian: identity.Caller
) -> None:
    contest(house)

    (line,) = lines(house, house.patient, starting="vigilance.")
    assert opens(house, house.patient, line)
    for other in (house.physician, guardian):
        assert lines(house, other, starting="vigilance.") == []
        assert not opens(house, other, line)


def test_opening_that_is_told_later_is_told_later_to_who_acts_for_the_patient(
    house: House, guardian: identity.Caller
) -> None:
    stranger = house.caller()
    with house.database.unit_of_work() as uow:
        opener = replace(stranger, stepped_up_at=uow.now)
        permit = access.decide(uow, opener, Action.OPEN_EMERGENCY, house.martin)
        access.open_emergency(uow, permit, TOLD_LATER)

    (line,) = lines(house, house.physician, starting="emergency.")
    assert opens(house, house.physician, line)
    for other in (house.patient, guardian):
        assert lines(house, other, starting="emergency.") == []
        assert not opens(house, other, line)


def test_line_is_opened_by_a_reader_of_the_trail_that_it_is_in(house: House) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = dossier.create_dossier(uow, house.physician, MARTIN)
    (there,) = lines(replace(house, martin=elsewhere), house.physician, starting="dossier.opened")

    for absent in (there, ledger.TraceId(kernel.new_id())):
        assert not opens(house, house.physician, absent)
    with house.database.unit_of_work() as uow:
        reading = access.decide(uow, house.physician, Action.READ, elsewhere)
        with pytest.raises(access.PermitMismatch):
            access.open_line(uow, reading, there)


def test_inquiry_from_the_machine_itself_stands_in_the_trail(house: House) -> None:
    with house.database.unit_of_work() as uow:
        access.open_trails_from_console(uow, house.organisation.id, [house.martin])

    told = [one.trace.detail for one in read(house, house.patient, starting="dossier.read-trail")]
    assert {"because": "inquiry-from-console"} in told


def test_taking_the_trail_away_stands_in_it(house: House, log: ledger.Log) -> None:
    house.database.put_beside(log)
    ledger.integrate(house.database, log)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.READ_TRAIL, house.martin)
        bundle = access.export_trail(uow, permit, {})

    told = [one.trace.detail["bytes"] for one in read(house, house.patient, starting="trail.taken-out")]
    assert told == [str(len(bundle))]
