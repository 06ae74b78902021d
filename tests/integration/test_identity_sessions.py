from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from serment import identity, kernel
from serment.identity.directory.store import set_status
from serment.identity.tokens import digest_of
from support.identity import (
    VISIT,
    Person,
    enrol_somebody,
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    open_session_of,
    signed_in,
    step_up,
)

TABLET = identity.Visit("web 198.51.100.9", "Safari on iPad")


@pytest.fixture
def organisation(entrance: identity.Entrance) -> identity.Organisation:
    with entrance.database.unit_of_work() as uow:
        return make_organisation(uow)


@pytest.fixture
def physician(entrance: identity.Entrance, organisation: identity.Organisation) -> identity.Account:
    with entrance.database.unit_of_work() as uow:
        return make_professional(uow, organisation)


@pytest.fixture
def opened(entrance: identity.Entrance, physician: identity.Account) -> identity.OpenedSession:
    return open_one(entrance, physician)


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


def open_one(
    entrance: identity.Entrance, account: identity.Account, visit: identity.Visit = VISIT
) -> identity.OpenedSession:
    with entrance.database.unit_of_work() as uow:
        return open_session_of(uow, account, visit)


def resume(entrance: identity.Entrance, opened: identity.OpenedSession) -> identity.Caller:
    return identity.resume_session(entrance.database, opened.token, VISIT.origin)


def caller_of(entrance: identity.Entrance, person: Person) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, person.account)


def totp(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    return identity.TotpCode(identity.code_at(person.seed, entrance.database.clock.now()))


def test_resume_session_gives_the_origin_of_this_request(
    entrance: identity.Entrance, opened: identity.OpenedSession
) -> None:
    caller = identity.resume_session(entrance.database, opened.token, "web 198.51.100.9")

    assert caller.origin == "web 198.51.100.9"
    assert caller.session == opened.caller.session


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\ud800"])
def test_resume_session_refuses_a_token_made_up(
    entrance: identity.Entrance, opened: identity.OpenedSession, token: str
) -> None:
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, token, VISIT.origin)


def test_resume_session_refuses_what_the_database_keeps(
    entrance: identity.Entrance, opened: identity.OpenedSession
) -> None:
    stored = digest_of(opened.token)

    for token in (stored.hex(), stored.decode("latin-1")):
        with pytest.raises(identity.SessionUnknown):
            identity.resume_session(entrance.database, token, VISIT.origin)


def test_session_of_a_professional_expires_after_15_idle_minutes(
    entrance: identity.Entrance, opened: identity.OpenedSession, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    resume(entrance, opened)
    clock.advance(timedelta(minutes=15))

    with pytest.raises(identity.SessionExpired):
        resume(entrance, opened)


def test_session_of_a_patient_expires_after_30_idle_minutes(
    entrance: identity.Entrance, organisation: identity.Organisation, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        opened = open_session_of(uow, make_patient_account(uow, organisation))
    clock.advance(timedelta(minutes=29))
    resume(entrance, opened)
    clock.advance(timedelta(minutes=30))

    with pytest.raises(identity.SessionExpired):
        resume(entrance, opened)


def test_session_expires_after_12_hours_however_busy(
    entrance: identity.Entrance, opened: identity.OpenedSession, clock: kernel.SettableClock
) -> None:
    for _ in range(71):
        clock.advance(timedelta(minutes=10))
        resume(entrance, opened)
    clock.advance(timedelta(minutes=10))

    with pytest.raises(identity.SessionExpired):
        resume(entrance, opened)


def test_resume_session_writes_at_most_once_a_minute(
    entrance: identity.Entrance, opened: identity.OpenedSession, clock: kernel.SettableClock
) -> None:
    at = [clock.now()]
    for _ in range(3):
        clock.advance(timedelta(seconds=30))
        resume(entrance, opened)
        with entrance.database.reading() as uow:
            at.append(identity.list_own_sessions(uow, opened.caller)[0].last_seen_at)

    assert [later - at[0] for later in at] == [timedelta(seconds=seconds) for seconds in (0, 0, 60, 60)]


def test_resume_session_looks_at_the_account_each_time(
    entrance: identity.Entrance, opened: identity.OpenedSession
) -> None:
    with entrance.database.unit_of_work() as uow:
        set_status(uow, opened.caller.account, identity.AccountStatus.SUSPENDED)

    with pytest.raises(identity.SessionUnknown):
        resume(entrance, opened)


def test_resume_session_asks_one_query(entrance: identity.Entrance, opened: identity.OpenedSession) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(entrance.database._reader, "before_cursor_execute", note)
    resume(entrance, opened)

    assert [statement.split()[0] for statement in asked if not statement.startswith("BEGIN")] == ["SELECT"]


def test_list_own_sessions_shows_each_device_and_place(
    entrance: identity.Entrance,
    physician: identity.Account,
    opened: identity.OpenedSession,
    clock: kernel.SettableClock,
) -> None:
    clock.advance(timedelta(minutes=1))
    open_one(entrance, physician, TABLET)

    with entrance.database.reading() as uow:
        seen = identity.list_own_sessions(uow, opened.caller)

    assert [(each.device, each.origin, each.is_this_one, each.method) for each in seen] == [
        ("Safari on iPad", "web 198.51.100.9", False, identity.Method.TOTP),
        ("Firefox on Linux", "web 203.0.113.7", True, identity.Method.TOTP),
    ]
    clock.advance(timedelta(minutes=14))
    with entrance.database.reading() as uow:
        assert [each.is_this_one for each in identity.list_own_sessions(uow, opened.caller)] == [False]


def raised(uow: kernel.UnitOfWork, caller: identity.Caller) -> identity.Caller:
    """The caller as after a step-up; their session does not remember it."""
    return replace(caller, stepped_up_at=uow.now)


def test_end_session_acts_on_the_next_request(
    entrance: identity.Entrance, physician: identity.Account, opened: identity.OpenedSession
) -> None:
    other = open_one(entrance, physician, TABLET)

    with entrance.database.unit_of_work() as uow:
        identity.end_session(uow, raised(uow, opened.caller), other.caller.session)

    with pytest.raises(identity.SessionUnknown):
        resume(entrance, other)
    assert resume(entrance, opened) == opened.caller
    with pytest.raises(identity.SessionUnknown), entrance.database.unit_of_work() as uow:
        identity.end_session(uow, raised(uow, opened.caller), other.caller.session)


def test_end_session_refuses_the_session_of_another(
    entrance: identity.Entrance, organisation: identity.Organisation, opened: identity.OpenedSession
) -> None:
    with entrance.database.unit_of_work() as uow:
        other = signed_in(uow, make_administrator(uow, organisation))

    with pytest.raises(identity.SessionUnknown), entrance.database.unit_of_work() as uow:
        identity.end_session(uow, raised(uow, other), opened.caller.session)
    assert resume(entrance, opened) == opened.caller


def test_end_other_sessions_keeps_this_one_and_everybody_elses(
    entrance: identity.Entrance,
    organisation: identity.Organisation,
    physician: identity.Account,
    opened: identity.OpenedSession,
) -> None:
    others = [open_one(entrance, physician, TABLET) for _ in range(2)]
    with entrance.database.unit_of_work() as uow:
        somebody = open_session_of(uow, make_administrator(uow, organisation))

    with entrance.database.unit_of_work() as uow:
        assert identity.end_other_sessions(uow, raised(uow, opened.caller)) == 2

    for other in others:
        with pytest.raises(identity.SessionUnknown):
            resume(entrance, other)
    assert resume(entrance, opened) == opened.caller
    assert resume(entrance, somebody) == somebody.caller


def test_step_up_is_remembered_by_the_session_for_ten_minutes(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        opened = open_session_of(uow, person.account)
    with pytest.raises(identity.StepUpNeeded):
        identity.require_step_up(opened.caller, clock.now())

    raised = step_up(entrance, opened.caller, totp(entrance, person))

    clock.advance(timedelta(minutes=10))
    identity.require_step_up(raised, clock.now())
    with pytest.raises(identity.StepUpNeeded):
        identity.require_step_up(raised, clock.now() + timedelta(seconds=1))
    with pytest.raises(identity.StepUpNeeded):
        identity.require_step_up(raised, clock.now(), within=timedelta(minutes=1))


def test_step_up_refuses_a_used_and_a_wrong_proof(entrance: identity.Entrance, person: Person) -> None:
    caller = caller_of(entrance, person)
    proof = totp(entrance, person)
    step_up(entrance, caller, proof)

    for wrong in (proof, identity.RecoveryCode("AAAA-BBBB-CCCC-DDDD")):
        with pytest.raises(identity.StepUpRefused):
            step_up(entrance, caller, wrong)


def test_step_up_takes_a_recovery_code_once(entrance: identity.Entrance, person: Person) -> None:
    caller, proof = caller_of(entrance, person), identity.RecoveryCode(person.recovery_codes[0])

    assert step_up(entrance, caller, proof).stepped_up_at == entrance.database.clock.now()
    with pytest.raises(identity.StepUpRefused):
        step_up(entrance, caller, proof)


def test_step_up_is_throttled(entrance: identity.Entrance, person: Person) -> None:
    caller = caller_of(entrance, person)
    for _ in range(6):
        with pytest.raises(identity.StepUpRefused):
            step_up(entrance, caller, identity.TotpCode("12345"))

    with pytest.raises(identity.Throttled):
        step_up(entrance, caller, totp(entrance, person))


def test_raised_session_goes_on_under_another_token_alone(
    entrance: identity.Entrance, person: Person
) -> None:
    with entrance.database.unit_of_work() as uow:
        opened = open_session_of(uow, person.account)

    raised = identity.step_up(entrance, opened.caller, totp(entrance, person), opened.token)

    assert raised.caller == identity.resume_session(entrance.database, raised.token, VISIT.origin)
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, opened.token, VISIT.origin)
    assert raised.token.partition(".")[0] == opened.token.partition(".")[0]


def test_session_of_an_administrator_ends_after_eight_hours() -> None:
    limits = identity.SessionLimits()

    assert limits.longest(identity.Role.ADMINISTRATOR) == timedelta(hours=8)
    assert limits.longest(identity.Role.PROFESSIONAL) == timedelta(hours=12)


def test_ending_another_session_asks_for_a_factor_again(
    entrance: identity.Entrance, opened: identity.OpenedSession, physician: identity.Account
) -> None:
    other = open_one(entrance, physician, TABLET)
    with entrance.database.unit_of_work() as uow:
        with pytest.raises(identity.StepUpNeeded):
            identity.end_session(uow, opened.caller, other.caller.session)
        with pytest.raises(identity.StepUpNeeded):
            identity.end_other_sessions(uow, opened.caller)

    assert identity.resume_session(entrance.database, other.token, VISIT.origin).account == physician.id
