"""Incidents: opened by what access finds or by what a patient contests, closed by the DPO, in words that are sealed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel, ledger, vigilance
from serment.identity.directory import store as directory
from support.dossier import House
from support.identity import make_account, make_organisation, signed_in
from support.vault import change, rows

CANARY = "canary-of-what-the-patient-said"
Officer = Callable[[], identity.Caller]


@pytest.fixture
def officer(house: House) -> identity.Caller:
    return officer_of(house, house.organisation)


def officer_of(house: House, organisation: identity.Organisation) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        caller = signed_in(uow, make_account(uow, organisation, identity.Role.DPO, name="Dominique Garde"))
        return replace(caller, stepped_up_at=uow.now)


def contest(house: House, words: str = CANARY) -> vigilance.Incident:
    report = vigilance.Report(
        house.organisation.id,
        vigilance.IncidentKind.ACCESS_CONTESTED,
        account=house.nurse.account,
        dossier=house.martin,
        words=words,
    )
    with house.database.unit_of_work() as uow:
        return vigilance.open_incident(uow, house.patient.actor, report)


def close(house: House, caller: identity.Caller, incident: vigilance.Incident, answer: str) -> None:
    with house.database.unit_of_work() as uow:
        vigilance.close_incident(uow, caller, incident.id, answer)


def test_a_patient_contests_and_reads_the_answer(house: House, officer: identity.Caller) -> None:
    opened = contest(house)
    close(house, officer, opened, "Vérifié avec la cheffe de service.")

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, access.Action.READ_TRAIL, house.martin)
        (answered,) = vigilance.contests_of(uow, permit)
        others = access.decide(uow, house.physician, access.Action.READ_TRAIL, house.martin)
        assert vigilance.contests_of(uow, others) == ()

    assert (answered.id, answered.answer, answered.is_open) == (
        opened.id,
        "Vérifié avec la cheffe de service.",
        False,
    )
    assert answered.report.words == CANARY


def test_both_ends_of_an_incident_are_in_the_trail_without_its_words(
    house: House, officer: identity.Caller
) -> None:
    close(house, officer, contest(house), CANARY)

    kinds = [trace for trace in house.trail() if trace.kind.startswith("vigilance.")]

    assert [trace.kind for trace in kinds] == ["vigilance.incident.opened", "vigilance.incident.closed"]
    assert CANARY not in str(kinds)


def test_words_are_sealed_where_they_lie(house: House, officer: identity.Caller) -> None:
    close(house, officer, contest(house), CANARY)

    assert CANARY not in str(rows(house.database, "SELECT * FROM incidents"))


def test_an_alarm_becomes_one_incident_however_often_it_is_delivered(
    house: House, officer: identity.Caller
) -> None:
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.raise_alarm(
            uow, access.Alarm.ACCOUNT_FROZEN, house.organisation.id, account=house.nurse.account
        )
        raise access.AccessRefused("budget")

    job = kernel.lease(house.database, [access.ALARM_JOB], seconds=60)
    assert job is not None
    for _ in range(2):
        vigilance.open_from_alarm(house.database, dict(job.payload))

    with house.database.recorded_reading() as uow:
        (found,) = vigilance.list_incidents(uow, officer)
        assert vigilance.count_open_incidents(uow, officer) == 1
        assert vigilance.count_open_incidents(uow, house.physician) == 0
    assert found.report.kind is vigilance.IncidentKind.ACCOUNT_FROZEN
    assert (found.report.account, found.opened_by) == (house.nurse.account, None)


@pytest.mark.parametrize("kind", list(access.Alarm))
def test_every_alarm_has_its_kind_of_incident(kind: access.Alarm) -> None:
    assert vigilance.IncidentKind(kind.value)


def test_only_the_officer_of_the_organisation_sees_incidents(house: House) -> None:
    opened = contest(house)
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique du Parc")
    stranger = officer_of(house, elsewhere)

    with house.database.recorded_reading() as uow:
        assert vigilance.list_incidents(uow, stranger) == ()
        with pytest.raises(vigilance.IncidentNotFound):
            vigilance.incident_of(uow, stranger, opened.id)
        for caller in (house.physician, house.patient):
            with pytest.raises(identity.NotPermitted):
                vigilance.list_incidents(uow, caller)
            with pytest.raises(identity.NotPermitted):
                vigilance.incident_of(uow, caller, opened.id)


def test_closing_takes_a_second_factor_and_words_and_happens_once(
    house: House, officer: identity.Caller
) -> None:
    opened = contest(house)

    with pytest.raises(identity.StepUpNeeded):
        close(house, replace(officer, stepped_up_at=None), opened, "Vu")
    with pytest.raises(vigilance.WordsMissing):
        close(house, officer, opened, "  ")
    close(house, officer, opened, "Vu")
    with pytest.raises(vigilance.IncidentClosed):
        close(house, officer, opened, "Autre chose")


def test_contesting_takes_words(house: House) -> None:
    with pytest.raises(vigilance.WordsMissing):
        contest(house, " ")


def test_an_incident_about_no_dossier_is_in_the_security_log(house: House) -> None:
    report = vigilance.Report(
        house.organisation.id, vigilance.IncidentKind.ACCOUNT_FROZEN, account=house.nurse.account
    )
    with house.database.unit_of_work() as uow:
        vigilance.open_incident(uow, identity.worker_of(house.organisation.id), report)
        log = ledger.read_security_log(uow, house.organisation.id, limit=1)

    assert [one.trace.kind for one in log] == ["vigilance.incident.opened"]


def checked(house: House) -> dict[str, tuple[bool, bool]]:
    """Return, by the kind of place, whether what is stored is what the ledger vouches for, and whether it is sound."""
    with house.database.reading() as uow:
        return {
            one.place.split("/")[0]: (ledger.current_anchor(uow, one.place) == one.digest, one.sound)
            for one in vigilance.check_rows(uow)
        }


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE incidents SET closed_at = NULL", {"incident": (False, True)}),
        ("UPDATE incidents SET kind = 'reported'", {"incident": (False, True)}),
        ("UPDATE incidents SET words = answer", {"incident": (False, False)}),
        ("UPDATE inquiries SET asked_by = organisation", {"inquiry": (False, True)}),
        ("UPDATE inquiries SET answer = question", {"inquiry": (False, False)}),
    ],
)
def test_what_is_changed_in_the_database_is_found(
    house: House, officer: identity.Caller, statement: str, found: dict[str, tuple[bool, bool]]
) -> None:
    close(house, officer, contest(house), "Vu")
    with house.database.unit_of_work() as uow:
        question = vigilance.Question(
            vigilance.Link.ACCOUNT, house.nurse.account, uow.now - timedelta(hours=1), uow.now
        )
        vigilance.keep_answer(uow, officer, vigilance.ask(uow, officer, question), "compte arrêté")
    assert checked(house) == {"incident": (True, True), "inquiry": (True, True)}

    change(house.database, statement)

    assert checked(house) == {"incident": (True, True), "inquiry": (True, True), **found}


def test_without_an_officer_an_administrator_answers_what_patients_contest(embedded_house: House) -> None:
    """And nothing else, nor what is about themself; an officer who is suspended is still the officer."""
    house, opened = embedded_house, contest(embedded_house)
    administrator = administrator_of(house)
    about = {"about them": administrator.account, "by an alarm": house.nurse.account}
    contested, alarm = vigilance.IncidentKind.ACCESS_CONTESTED, vigilance.IncidentKind.REVIEW_OVERDUE
    with house.database.unit_of_work() as uow:
        others = [
            vigilance.open_incident(
                uow, house.patient.actor, vigilance.Report(house.organisation.id, kind, account, words="?")
            )
            for kind, account in zip((contested, alarm), about.values(), strict=True)
        ]
        assert [one.id for one in vigilance.list_incidents(uow, administrator)] == [opened.id]
        assert vigilance.count_open_incidents(uow, administrator) == 1
        for one in others:
            with pytest.raises(vigilance.IncidentNotFound):
                vigilance.incident_of(uow, administrator, one.id)
        with pytest.raises(identity.StepUpNeeded):
            vigilance.close_incident(uow, replace(administrator, stepped_up_at=None), opened.id, "Vu.")
        vigilance.close_incident(uow, administrator, opened.id, "Vu.")

    officer = officer_of(house, house.organisation)
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, officer.account, identity.AccountStatus.SUSPENDED)
        assert vigilance.count_open_incidents(uow, administrator) == 0
        with pytest.raises(identity.NotPermitted):
            vigilance.incident_of(uow, administrator, opened.id)
        directory.set_status(uow, officer.account, identity.AccountStatus.DEPARTED)
        assert vigilance.incident_of(uow, administrator, opened.id).answer == "Vu."


def administrator_of(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        caller = signed_in(uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR))
        return replace(caller, stepped_up_at=uow.now)
