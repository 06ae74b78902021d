"""Leaving for good, and falling asleep: what ends, when, and that nothing of it comes back."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from support.identity import (
    VISIT,
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    open_session_of,
    signed_in,
)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Staff:
    """A practice with two administrators, a physician and a nurse."""

    practice: identity.Organisation
    administrator: identity.Account
    second: identity.Account
    physician: identity.Account
    nurse: identity.Account


@pytest.fixture
def staff(entrance: identity.Entrance) -> Staff:
    with entrance.database.unit_of_work() as uow:
        practice = make_organisation(uow)
        return Staff(
            practice,
            make_administrator(uow, practice),
            make_administrator(uow, practice),
            make_professional(uow, practice),
            make_professional(uow, practice, identity.Profession.NURSE),
        )


def as_administrator(uow: kernel.UnitOfWork, account: identity.Account) -> identity.Caller:
    """Sign in and prove a factor again."""
    return replace(signed_in(uow, account), stepped_up_at=uow.now)


def depart(entrance: identity.Entrance, staff: Staff, account: identity.Account) -> None:
    with entrance.database.unit_of_work() as uow:
        assert identity.declare_departure(uow, as_administrator(uow, staff.administrator), account.id)


def status_of(entrance: identity.Entrance, account: identity.Account) -> identity.AccountStatus:
    with entrance.database.reading() as uow:
        return identity.open_account(uow, account.id).status


def test_departure_ends_sessions_steps_memberships_and_the_codes_given(
    entrance: identity.Entrance, staff: Staff
) -> None:
    with entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        team = identity.create_team(uow, administrator, "Cardiologie")
        identity.add_member(uow, administrator, team.id, staff.physician.id)
        opened = open_session_of(uow, staff.physician)
        invitation = identity.Invitation("zoe@example.test", "Zoé Martin", identity.Role.PATIENT)
        code = identity.invite(uow, opened.caller, invitation)
        ceremony = Ceremony(Purpose.PASSKEY_STEP_UP, staff.physician.id)
        step = ceremonies.begin(uow, ceremony, timedelta(minutes=5))
    offer = identity.begin_enrolment(entrance, "zoe@example.test", code.code, VISIT)

    depart(entrance, staff, staff.physician)

    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, opened.token, VISIT.origin)
    with entrance.database.reading() as uow:
        assert ceremonies.look_at(uow, step, Purpose.PASSKEY_STEP_UP) is None
        assert ceremonies.look_at(uow, offer.token, Purpose.ENROLMENT) is None
        assert identity.members_of(uow, team.id) == ()
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(entrance, "zoe@example.test", code.code, VISIT)
    assert status_of(entrance, staff.physician) is identity.AccountStatus.DEPARTED


def test_announced_departure_holds_by_its_date_before_anybody_carries_it_out(
    entrance: identity.Entrance, staff: Staff, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        at = uow.now + timedelta(minutes=5)
        assert not identity.declare_departure(uow, administrator, staff.physician.id, at)
        opened = open_session_of(uow, staff.physician)
        invitation = identity.Invitation("zoe@example.test", "Zoé Martin", identity.Role.PATIENT)
        code = identity.invite(uow, opened.caller, invitation)
    resumed = identity.resume_session(entrance.database, opened.token, VISIT.origin)
    assert resumed.account == staff.physician.id
    assert status_of(entrance, staff.physician) is identity.AccountStatus.ACTIVE

    clock.advance(timedelta(minutes=5))

    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, opened.token, VISIT.origin)
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(entrance, "zoe@example.test", code.code, VISIT)
    assert status_of(entrance, staff.physician) is identity.AccountStatus.DEPARTED
    with entrance.database.reading() as uow:
        assert not identity.stands(uow, staff.physician.id)
        assert staff.physician.id not in {
            one.id for one in identity.find_colleagues(uow, staff.practice.id, "")
        }
        (due,) = identity.departures_due(uow)
    with entrance.database.unit_of_work() as uow:
        identity.carry_out_departure(uow, due)
    with entrance.database.reading() as uow:
        assert identity.departures_due(uow) == ()


def test_announced_departure_can_be_taken_back_until_its_day(
    entrance: identity.Entrance, staff: Staff, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        with pytest.raises(identity.DepartureRefused):
            identity.withdraw_departure(uow, administrator, staff.physician.id)
        identity.declare_departure(uow, administrator, staff.physician.id, uow.now + DAY)
        identity.declare_departure(uow, administrator, staff.nurse.id, uow.now + timedelta(minutes=1))
        identity.withdraw_departure(uow, administrator, staff.physician.id)
    clock.advance(2 * DAY)

    assert status_of(entrance, staff.physician) is identity.AccountStatus.ACTIVE
    with pytest.raises(identity.DepartureRefused), entrance.database.unit_of_work() as uow:
        identity.withdraw_departure(uow, as_administrator(uow, staff.administrator), staff.nurse.id)


def test_departed_account_is_never_brought_back(entrance: identity.Entrance, staff: Staff) -> None:
    with entrance.database.unit_of_work() as uow:
        team = identity.create_team(uow, as_administrator(uow, staff.administrator), "Cardiologie")
    depart(entrance, staff, staff.nurse)

    with entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        for act in (
            identity.reinstate_account,
            identity.suspend_account,
            identity.wake_account,
            identity.renew_enrolment_code,
        ):
            with pytest.raises(identity.NotPermitted):
                act(uow, administrator, staff.nurse.id)
        with pytest.raises(identity.NotPermitted):
            identity.add_member(uow, administrator, team.id, staff.nurse.id)
        with pytest.raises(identity.DepartureRefused):
            identity.declare_departure(uow, administrator, staff.nurse.id)
        with pytest.raises(identity.LoginTaken):
            again = identity.Invitation(
                staff.nurse.login, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
            )
            identity.invite(uow, administrator, again)


def test_departure_takes_an_administrator_of_the_house_and_a_fresh_factor(
    entrance: identity.Entrance, staff: Staff
) -> None:
    with entrance.database.unit_of_work() as uow:
        plain = signed_in(uow, staff.administrator)
        nurse = replace(signed_in(uow, staff.nurse), stepped_up_at=uow.now)
        stranger = as_administrator(uow, make_administrator(uow, make_organisation(uow)))
        asked = staff.physician.id

        for act in (identity.declare_departure, identity.withdraw_departure):
            with pytest.raises(identity.StepUpNeeded):
                act(uow, plain, asked)
            with pytest.raises(identity.NotPermitted):
                act(uow, nurse, asked)
            with pytest.raises(identity.AccountNotFound):
                act(uow, stranger, asked)
    assert status_of(entrance, staff.physician) is identity.AccountStatus.ACTIVE


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_departure_is_within_a_year(entrance: identity.Entrance, staff: Staff, days: int) -> None:
    with pytest.raises(identity.DepartureRefused), entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        identity.declare_departure(uow, administrator, staff.nurse.id, uow.now + days * DAY)


def test_an_administrator_always_remains(entrance: identity.Entrance, staff: Staff) -> None:
    with entrance.database.unit_of_work() as uow:
        first = as_administrator(uow, staff.administrator)
        second = as_administrator(uow, staff.second)
        with pytest.raises(identity.OwnDeparture):
            identity.declare_departure(uow, first, staff.administrator.id)
        identity.declare_departure(uow, first, staff.second.id, uow.now + DAY)
        with pytest.raises(identity.LastAdministrator):
            identity.declare_departure(uow, second, staff.administrator.id)


def test_suspension_ends_the_codes_given_and_keeps_the_teams(
    entrance: identity.Entrance, staff: Staff
) -> None:
    with entrance.database.unit_of_work() as uow:
        administrator = as_administrator(uow, staff.administrator)
        team = identity.create_team(uow, administrator, "Cardiologie")
        identity.add_member(uow, administrator, team.id, staff.physician.id)
        invitation = identity.Invitation("zoe@example.test", "Zoé Martin", identity.Role.PATIENT)
        code = identity.invite(uow, signed_in(uow, staff.physician), invitation)
        identity.suspend_account(uow, administrator, staff.physician.id)

    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(entrance, "zoe@example.test", code.code, VISIT)
    with entrance.database.unit_of_work() as uow:
        assert not identity.stands(uow, staff.physician.id)
        assert len(identity.members_of(uow, team.id)) == 1


def test_unused_accounts_fall_asleep_each_role_in_its_time(
    entrance: identity.Entrance, staff: Staff, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        patient = make_patient_account(uow, staff.practice)
    clock.advance(30 * DAY)
    with entrance.database.unit_of_work() as uow:
        opened = open_session_of(uow, staff.administrator)
    clock.advance(60 * DAY - timedelta(seconds=1))
    with entrance.database.unit_of_work() as uow:
        open_session_of(uow, staff.nurse)
        assert identity.put_to_sleep(uow, identity.SleepRules()) == 1  # one administrator stays
    assert status_of(entrance, staff.physician) is identity.AccountStatus.ACTIVE

    clock.advance(timedelta(seconds=1))
    with entrance.database.unit_of_work() as uow:
        assert identity.put_to_sleep(uow, identity.SleepRules()) == 1
    assert status_of(entrance, staff.physician) is identity.AccountStatus.DORMANT
    assert status_of(entrance, staff.nurse) is identity.AccountStatus.ACTIVE
    assert status_of(entrance, patient) is identity.AccountStatus.ACTIVE
    administrators = {status_of(entrance, one) for one in (staff.administrator, staff.second)}
    assert administrators == {identity.AccountStatus.ACTIVE, identity.AccountStatus.DORMANT}
    assert opened.caller.account == staff.administrator.id

    clock.advance(310 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.put_to_sleep(uow, identity.SleepRules())
    assert status_of(entrance, patient) is identity.AccountStatus.DORMANT


def test_sleeping_account_opens_nothing_until_somebody_wakes_it(
    entrance: identity.Entrance, staff: Staff, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        patient = make_patient_account(uow, staff.practice)
    clock.advance(401 * DAY)
    with entrance.database.unit_of_work() as uow:
        opened = open_session_of(uow, staff.administrator)
        open_session_of(uow, staff.physician)
        identity.put_to_sleep(uow, identity.SleepRules())
        awake = replace(signed_in(uow, staff.physician), stepped_up_at=uow.now)
        nurse = signed_in(uow, staff.nurse)

        assert not identity.stands(uow, staff.nurse.id)
        with pytest.raises(identity.NotPermitted):
            identity.wake_account(uow, awake, staff.nurse.id)
        with pytest.raises(identity.StepUpNeeded):
            identity.wake_account(uow, opened.caller, staff.nurse.id)
        with pytest.raises(identity.NotPermitted):
            identity.wake_account(uow, replace(awake, role=identity.Role.PATIENT), patient.id)
        identity.wake_account(uow, awake, patient.id)
        identity.wake_account(uow, replace(opened.caller, stepped_up_at=uow.now), staff.nurse.id)
        with pytest.raises(identity.NotPermitted):
            identity.wake_account(uow, replace(opened.caller, stepped_up_at=uow.now), staff.nurse.id)

        assert identity.put_to_sleep(uow, identity.SleepRules()) == 0
        kinds = [event.kind for event in identity.security_events(uow, nurse)]
        assert identity.stands(uow, staff.nurse.id)
    assert {identity.EventKind.ACCOUNT_PUT_TO_SLEEP, identity.EventKind.ACCOUNT_WOKEN} <= set(kinds)


def test_administrators_see_who_falls_asleep_within_two_weeks(
    entrance: identity.Entrance, staff: Staff, clock: kernel.SettableClock
) -> None:
    rules = identity.SleepRules()
    clock.advance(75 * DAY)
    with entrance.database.unit_of_work() as uow:
        open_session_of(uow, staff.nurse)
        administrator = signed_in(uow, staff.administrator)
        signed_in(uow, staff.second)
        assert identity.drowsy_accounts(uow, administrator, rules) == ()
        with pytest.raises(identity.NotPermitted):
            identity.drowsy_accounts(uow, signed_in(uow, staff.nurse), rules)
    clock.advance(DAY)
    with entrance.database.reading() as uow:
        (drowsy,) = identity.drowsy_accounts(uow, administrator, rules)
    assert (drowsy.account.id, drowsy.last_used_at) == (staff.physician.id, None)
    assert drowsy.sleeps_at == clock.now() + 14 * DAY

    clock.advance(14 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.put_to_sleep(uow, rules)
        found = identity.drowsy_accounts(uow, administrator, rules)
    asleep = [one.account.id for one in found if one.sleeps_at is None]
    assert asleep == [staff.physician.id]
