"""What a right password still has against it: stolen elsewhere, flagged, demanded by an administrator, too old."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from serment import identity, kernel, vault
from serment.identity import Restriction
from serment.identity.directory.store import SealedAccount, load_account
from serment.identity.password_policy.breached import digest_of_password
from serment.identity.passwords.conditions import flag_password, restriction_after_sign_in
from serment.identity.passwords.store import load_state
from serment.identity.sessions.sessions import open_session
from support.identity import (
    PASSWORD,
    VISIT,
    Person,
    enrol_somebody,
    make_account,
    make_administrator,
    make_entrance,
    make_organisation,
    signed_in,
)

NEW_PASSWORD = "sillage orange tremplin 83 cavalier"
STOLEN = "doctolib2026"
Flag = identity.PasswordFlag


@pytest.fixture
def person(entrance: identity.Entrance) -> Person:
    return enrol_somebody(entrance, identity.Role.PROFESSIONAL, profession=identity.Profession.NURSE)


def sealed(uow: kernel.UnitOfWork, account: kernel.AccountId) -> SealedAccount:
    found = load_account(uow, account)
    assert found is not None
    return found


def restriction(entrance: identity.Entrance, person: Person, password: str = PASSWORD) -> Restriction | None:
    with entrance.database.unit_of_work() as uow:
        return restriction_after_sign_in(
            uow, entrance, sealed(uow, person.account), digest_of_password(password), VISIT
        )


def session(
    entrance: identity.Entrance,
    person: Person,
    narrowed: Restriction | None = None,
    method: identity.Method = identity.Method.TOTP,
) -> identity.OpenedSession:
    with entrance.database.unit_of_work() as uow:
        account = sealed(uow, person.account)
        return open_session(uow, account, VISIT, method, identity.SessionLimits(), restriction=narrowed)


def resumed(entrance: identity.Entrance, opened: identity.OpenedSession) -> identity.Caller:
    return identity.resume_session(entrance.database, opened.token, VISIT.origin)


def told(entrance: identity.Entrance, person: Person) -> list[tuple[str, str, bool]]:
    """What the owner reads, the newest first."""
    caller = session(entrance, person).caller
    with entrance.database.reading() as uow:
        events = identity.security_events(uow, caller)
    return [(each.kind.value, each.outcome.value, each.by_owner) for each in events[1:]]


def administrator_of(uow: kernel.UnitOfWork, account: kernel.AccountId) -> identity.Caller:
    organisation = identity.open_organisation(uow, sealed(uow, account).organisation)
    caller = signed_in(uow, make_administrator(uow, organisation))
    return replace(caller, stepped_up_at=uow.now)


def test_good_password_restricts_nothing(entrance: identity.Entrance, person: Person) -> None:
    assert restriction(entrance, person) is None
    assert told(entrance, person)[0][0] == "identity.account.enrolled"


def test_account_without_password_is_not_restricted(entrance: identity.Entrance) -> None:
    with entrance.database.unit_of_work() as uow:
        account = make_account(uow, make_organisation(uow), identity.Role.PATIENT)
        found = restriction_after_sign_in(
            uow, entrance, sealed(uow, account.id), digest_of_password(STOLEN), VISIT
        )

    assert found is None


def test_stolen_password_is_to_be_changed_and_its_owner_told_once(
    entrance: identity.Entrance, person: Person
) -> None:
    assert restriction(entrance, person, STOLEN) is Restriction.PASSWORD_CHANGE
    assert restriction(entrance, person, STOLEN) is Restriction.PASSWORD_CHANGE

    caller = session(entrance, person, Restriction.PASSWORD_CHANGE).caller
    with entrance.database.reading() as uow:
        assert identity.reason_for_change(uow, caller) is Flag.BREACHED
    kinds = [kind for kind, _, _ in told(entrance, person)]
    assert kinds.count("identity.password.breached") == 1
    assert ("identity.password.breached", "refused", True) in told(entrance, person)


def test_list_loaded_by_the_operator_counts_at_the_next_sign_in(
    database: kernel.Database, keyring: vault.Keyring, tmp_path: Path
) -> None:
    place = tmp_path / "list"
    base = make_entrance(database, keyring)
    entrance = replace(base, judge=replace(base.judge, loaded=identity.WatchedList(place)))
    person = enrol_somebody(entrance)
    assert restriction(entrance, person) is None
    source = tmp_path / "D"
    source.write_text(_line(PASSWORD))

    identity.load_breached_list(source, place, least_seen=1, advance=lambda _: None)

    assert restriction(entrance, person) is Restriction.PASSWORD_CHANGE


def test_damaged_list_keeps_nobody_out_and_takes_no_new_password(
    database: kernel.Database, keyring: vault.Keyring, tmp_path: Path
) -> None:
    """AUT-07: a doctor who proved two factors works on; what may be chosen fails closed."""
    base = make_entrance(database, keyring)
    person = enrol_somebody(base)
    (tmp_path / "list").write_bytes(b"damaged")
    entrance = replace(base, judge=replace(base.judge, loaded=identity.WatchedList(tmp_path / "list")))

    assert restriction(entrance, person) is None
    caller = session(entrance, person, Restriction.PASSWORD_CHANGE).caller
    with pytest.raises(identity.BreachedListDamaged):
        identity.change_password(entrance, caller, identity.PasswordChange(PASSWORD, NEW_PASSWORD))


def test_sign_in_with_a_stolen_password_opens_a_session_for_the_change_alone(
    database: kernel.Database, keyring: vault.Keyring, clock: kernel.SettableClock, tmp_path: Path
) -> None:
    base = make_entrance(database, keyring)
    entrance = replace(base, judge=replace(base.judge, loaded=identity.WatchedList(tmp_path / "list")))
    person = enrol_somebody(entrance, identity.Role.PATIENT)
    (tmp_path / "source").write_text(_line(PASSWORD))
    identity.load_breached_list(tmp_path / "source", tmp_path / "list", least_seen=1, advance=lambda _: None)
    clock.advance(timedelta(seconds=60))

    opened = sign_in(entrance, person, PASSWORD)

    assert opened.caller.restriction is Restriction.PASSWORD_CHANGE
    identity.change_password(entrance, opened.caller, identity.PasswordChange(PASSWORD, NEW_PASSWORD))
    clock.advance(timedelta(seconds=60))
    assert sign_in(entrance, person, NEW_PASSWORD).caller.restriction is None


def test_flagged_password_is_to_be_changed_and_its_owner_told(
    entrance: identity.Entrance, person: Person
) -> None:
    at_work = session(entrance, person)
    with entrance.database.unit_of_work() as uow:
        flag_password(uow, sealed(uow, person.account), Flag.PROVED_ELSEWHERE, VISIT)
        flag_password(uow, sealed(uow, person.account), Flag.PROVED_ELSEWHERE, VISIT)

    assert restriction(entrance, person) is Restriction.PASSWORD_CHANGE
    assert resumed(entrance, at_work).restriction is None  # the doctor at work is not stopped
    demanded = ("identity.password.change-demanded", "refused", False)
    assert told(entrance, person).count(demanded) == 1


def test_flag_of_an_account_without_password_says_nothing(entrance: identity.Entrance) -> None:
    with entrance.database.unit_of_work() as uow:
        account = make_account(uow, make_organisation(uow), identity.Role.PATIENT)
        flag_password(uow, sealed(uow, account.id), Flag.PROVED_ELSEWHERE, VISIT)
        caller = signed_in(uow, account)
        events = identity.security_events(uow, caller)
        assert load_state(uow, account.id) is None
        assert identity.reason_for_change(uow, caller) is Flag.TOO_OLD

    assert [each.kind for each in events] == [identity.EventKind.SESSION_OPENED]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(179, None), (180, Restriction.PASSWORD_CHANGE), (400, Restriction.PASSWORD_CHANGE)],
)
def test_password_of_an_administrator_ages(
    database: kernel.Database,
    keyring: vault.Keyring,
    clock: kernel.SettableClock,
    days: int,
    expected: Restriction | None,
) -> None:
    """LAW-71: on for administrators, where they have a password at all."""
    entrance = make_entrance(database, keyring, identity.Rules(administrators_use_passkeys=False))
    person = enrol_somebody(entrance, identity.Role.ADMINISTRATOR)
    clock.advance(timedelta(days=days))

    assert restriction(entrance, person) is expected
    expired = ("identity.password.expired", "allowed", True)
    assert (expired in told(entrance, person)) == (expected is not None)


def test_password_of_others_never_ages(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(days=3_000))

    assert restriction(entrance, person) is None


def test_restricted_session_says_so_and_is_freed_by_the_change(
    entrance: identity.Entrance, person: Person
) -> None:
    assert restriction(entrance, person, STOLEN) is Restriction.PASSWORD_CHANGE
    opened = session(entrance, person, Restriction.PASSWORD_CHANGE)
    caller = resumed(entrance, opened)
    assert caller == opened.caller
    assert caller.restriction is Restriction.PASSWORD_CHANGE

    identity.change_password(entrance, caller, identity.PasswordChange(PASSWORD, NEW_PASSWORD))

    freed = resumed(entrance, opened)
    assert (freed.restriction, freed.stepped_up_at) == (None, None)  # its step-up ends with what it was for
    assert restriction(entrance, person, NEW_PASSWORD) is None
    assert told(entrance, person)[0] == ("identity.password.changed", "allowed", True)


def test_change_does_not_lift_another_restriction(entrance: identity.Entrance, person: Person) -> None:
    opened = session(entrance, person, Restriction.FACTOR_ADDITION)

    identity.change_password(
        entrance, resumed(entrance, opened), identity.PasswordChange(PASSWORD, NEW_PASSWORD)
    )

    assert resumed(entrance, opened).restriction is Restriction.FACTOR_ADDITION


def test_new_password_is_another_one(entrance: identity.Entrance, person: Person) -> None:
    opened = session(entrance, person, Restriction.PASSWORD_CHANGE)

    with pytest.raises(identity.PasswordUnchanged):
        identity.change_password(entrance, opened.caller, identity.PasswordChange(PASSWORD, PASSWORD))
    assert resumed(entrance, opened).restriction is Restriction.PASSWORD_CHANGE


def test_stolen_password_is_not_taken(entrance: identity.Entrance, person: Person) -> None:
    opened = session(entrance, person, Restriction.PASSWORD_CHANGE)

    with pytest.raises(identity.PasswordBreached):
        identity.change_password(entrance, opened.caller, identity.PasswordChange(PASSWORD, STOLEN))


def test_restriction_lets_only_what_lifts_it_pass(entrance: identity.Entrance, person: Person) -> None:
    free, password, factor = (
        session(entrance, person, each).caller
        for each in (None, Restriction.PASSWORD_CHANGE, Restriction.FACTOR_ADDITION)
    )

    identity.require_unrestricted(free)
    identity.require_unrestricted(password, lifting=[Restriction.PASSWORD_CHANGE])
    with pytest.raises(identity.PasswordChangeNeeded):
        identity.require_unrestricted(password, lifting=[Restriction.FACTOR_ADDITION])
    with pytest.raises(identity.FactorAdditionNeeded):
        identity.require_unrestricted(factor, lifting=[Restriction.PASSWORD_CHANGE])


def test_administrator_demands_a_change_and_open_sessions_wait_for_it(
    entrance: identity.Entrance, person: Person
) -> None:
    by_code = session(entrance, person)
    by_passkey = session(entrance, person, method=identity.Method.PASSKEY)

    with entrance.database.unit_of_work() as uow:
        narrowed = identity.demand_password_change(uow, administrator_of(uow, person.account), person.account)

    assert narrowed == 1
    assert resumed(entrance, by_code).restriction is Restriction.PASSWORD_CHANGE
    assert resumed(entrance, by_passkey).restriction is None  # no password was needed for it
    assert restriction(entrance, person) is Restriction.PASSWORD_CHANGE
    with entrance.database.reading() as uow:
        assert identity.reason_for_change(uow, by_code.caller) is Flag.DEMANDED
    assert told(entrance, person)[0] == ("identity.password.change-demanded", "allowed", False)


def test_demand_is_for_administrators_of_that_organisation_who_stepped_up(
    entrance: identity.Entrance, person: Person
) -> None:
    with entrance.database.unit_of_work() as uow:
        administrator = administrator_of(uow, person.account)
        elsewhere = make_organisation(uow, "Clinique de la Baie")
        stranger = replace(signed_in(uow, make_administrator(uow, elsewhere)), stepped_up_at=uow.now)
        nobody = make_account(uow, elsewhere, identity.Role.PATIENT)
        own = signed_in(uow, person.account)
    for caller, account, refusal in (
        (replace(own, stepped_up_at=administrator.stepped_up_at), person.account, identity.NotPermitted),
        (replace(administrator, stepped_up_at=None), person.account, identity.StepUpNeeded),
        (stranger, person.account, identity.AccountNotFound),
        (stranger, nobody.id, identity.NotPermitted),
    ):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.demand_password_change(uow, caller, account)
    assert restriction(entrance, person) is None


def sign_in(entrance: identity.Entrance, person: Person, password: str) -> identity.OpenedSession:
    pending = identity.begin_sign_in(entrance, identity.Credentials(person.login, password))
    code = identity.TotpCode(identity.code_at(person.seed, entrance.database.clock.now()))
    return identity.finish_sign_in(entrance, pending.token, code, VISIT)


def _line(password: str) -> str:
    return digest_of_password(password).hex() + ":7\n"
