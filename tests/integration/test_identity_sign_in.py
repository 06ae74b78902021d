from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel, ledger, vault
from serment.identity.directory.store import set_status
from serment.identity.factors import store as factors
from serment.identity.rules import PressureRules
from support.identity import CHEAP_HASHING, VISIT, Person, enrol_somebody, make_entrance


def begin(
    entrance: identity.Entrance,
    person: Person,
    password: str | None = None,
    visit: identity.Visit = VISIT,
) -> str:
    credentials = identity.Credentials(person.login, password or person.password)
    return identity.begin_sign_in(entrance, credentials).token


def totp(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    return identity.TotpCode(identity.code_at(person.seed, entrance.database.clock.now()))


def finish(entrance: identity.Entrance, token: str, proof: identity.FactorProof) -> identity.OpenedSession:
    return identity.finish_sign_in(entrance, token, proof, VISIT)


def wrong_code(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    right = totp(entrance, person).code
    return identity.TotpCode(str((int(right) + 500_000) % 1_000_000).zfill(6))


def how_many_open(entrance: identity.Entrance, tokens: list[str], proof: identity.FactorProof) -> int:
    """Finish sign-ins at the same time; return how many opened a session, the others being refused."""

    def opens(token: str) -> bool:
        try:
            finish(entrance, token, proof)
        except identity.SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        return sum(pool.map(opens, tokens))


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


def test_sign_in_opens_a_session_with_both_factors(entrance: identity.Entrance, person: Person) -> None:
    opened = finish(entrance, begin(entrance, person), totp(entrance, person))

    caller = identity.resume_session(entrance.database, opened.token, VISIT.origin)

    assert caller == opened.caller
    assert (caller.account, caller.role, caller.name, caller.stepped_up_at) == (
        person.account,
        identity.Role.PROFESSIONAL,
        "Camille Essai",
        None,
    )


def test_sign_in_takes_the_login_however_it_is_written(entrance: identity.Entrance, person: Person) -> None:
    written = replace(person, login=f" {person.login.upper()} ")

    assert finish(entrance, begin(entrance, written), totp(entrance, person)).caller.account == person.account


def test_sign_in_refuses_a_wrong_password_with_the_right_code(
    entrance: identity.Entrance, person: Person
) -> None:
    token = begin(entrance, person, "another password altogether")

    with pytest.raises(identity.SignInRefused) as refused:
        finish(entrance, token, totp(entrance, person))
    assert str(refused.value) == "sign-in"


def test_sign_in_refuses_a_login_without_account(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, replace(person, login="nobody@example.test"))

    with pytest.raises(identity.SignInRefused) as refused:
        finish(entrance, token, totp(entrance, person))
    assert str(refused.value) == "sign-in"


def test_sign_in_refuses_a_wrong_code(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, person)

    with pytest.raises(identity.SignInRefused) as refused:
        finish(entrance, token, wrong_code(entrance, person))
    assert str(refused.value) == "sign-in"


def test_sign_in_takes_another_answer_after_a_mistake(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, person)
    for _ in range(2):
        with pytest.raises(identity.SignInRefused):
            finish(entrance, token, wrong_code(entrance, person))

    assert finish(entrance, token, totp(entrance, person)).caller.account == person.account


def test_sign_in_asks_for_a_fresh_code_each_time(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, person)
    finish(entrance, token, totp(entrance, person))

    with pytest.raises(identity.SignInRefused):
        finish(entrance, token, totp(entrance, person))


def test_first_step_touches_no_database(entrance: identity.Entrance, person: Person) -> None:
    """What is not looked up cannot be told: not by time, not by size, not by what is left behind."""
    begun = [
        identity.begin_sign_in(entrance, identity.Credentials(login, password)).token
        for login, password in (
            (person.login, person.password),
            ("nobody@example.test", "x"),
            ("é" * 254, "x" * 999),
        )
    ]
    entrance.database.close()
    begun.append(identity.begin_sign_in(entrance, identity.Credentials(person.login, person.password)).token)

    assert len({len(token) for token in begun}) == 1
    assert len(set(begun)) == 4


@pytest.mark.parametrize("token", ["", "x", "A" * 223, "é" * 40, "A" * 100_000])
def test_sign_in_refuses_a_pending_token_that_we_never_made(
    entrance: identity.Entrance, person: Person, token: str
) -> None:
    with pytest.raises(identity.SignInRefused):
        finish(entrance, token, totp(entrance, person))


def test_sign_in_refuses_a_pending_token_altered_anywhere(
    entrance: identity.Entrance, person: Person
) -> None:
    token = begin(entrance, person)

    for place in range(len(token)):
        altered = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
        with pytest.raises(identity.SignInRefused):
            finish(entrance, altered, totp(entrance, person))


@pytest.mark.parametrize("status", [status for status in identity.AccountStatus if status != "active"])
def test_sign_in_lets_active_accounts_in_alone(
    entrance: identity.Entrance, person: Person, status: identity.AccountStatus
) -> None:
    with entrance.database.unit_of_work() as uow:
        set_status(uow, person.account, status)

    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person), totp(entrance, person))


def test_sign_in_refuses_a_pending_token_after_five_minutes(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    token = begin(entrance, person)
    clock.advance(timedelta(minutes=5))

    with pytest.raises(identity.SignInRefused):
        finish(entrance, token, totp(entrance, person))


def test_sign_in_refuses_a_token_of_another_kind(entrance: identity.Entrance, person: Person) -> None:
    challenge = identity.begin_passkey_sign_in(entrance)

    with pytest.raises(identity.SignInRefused):
        finish(entrance, challenge.token, totp(entrance, person))


def test_sign_in_refuses_a_code_that_was_used(entrance: identity.Entrance, person: Person) -> None:
    finish(entrance, begin(entrance, person), totp(entrance, person))

    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person), totp(entrance, person))


def test_sign_in_refuses_the_code_that_confirmed_the_enrolment(entrance: identity.Entrance) -> None:
    person = enrol_somebody(entrance)

    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person), totp(entrance, person))


@pytest.fixture
def wide(database: kernel.Database, keyring: vault.Keyring) -> identity.Entrance:
    """An entrance whose throttle stops nobody, so that what is used once is left to the rows alone."""
    many = identity.Allowance(1_000, timedelta(seconds=1))
    rules = identity.ThrottleRules(account=many, source=many, account_and_source=many, second_factor=many)
    calm = PressureRules(least_failures=10_000)
    return make_entrance(database, keyring, identity.Rules(throttle=rules, pressure=calm))


@pytest.fixture
def crowd(wide: identity.Entrance, clock: kernel.SettableClock) -> tuple[Person, list[str]]:
    """Somebody, and a hundred sign-ins of theirs that wait for the second factor."""
    person = enrol_somebody(wide)
    clock.advance(timedelta(seconds=60))
    return person, [begin(wide, person) for _ in range(100)]


def test_sign_in_accepts_a_code_once_of_a_hundred_posts(
    wide: identity.Entrance, crowd: tuple[Person, list[str]]
) -> None:
    person, tokens = crowd

    assert how_many_open(wide, tokens, totp(wide, person)) == 1  # AUT-04


def test_sign_in_accepts_a_recovery_code_once_of_a_hundred_posts(
    wide: identity.Entrance, crowd: tuple[Person, list[str]]
) -> None:
    person, tokens = crowd

    assert how_many_open(wide, tokens, identity.RecoveryCode(person.recovery_codes[3])) == 1


def test_sign_in_accepts_each_recovery_code_as_it_may_be_typed(
    entrance: identity.Entrance, person: Person
) -> None:
    for code in person.recovery_codes:
        typed = identity.RecoveryCode(code.lower().replace("-", " "))
        assert finish(entrance, begin(entrance, person), typed).caller.account == person.account

    assert len(set(person.recovery_codes)) == 10
    assert {len(code.replace("-", "")) * 5 for code in person.recovery_codes} == {120}


def test_sign_in_refuses_the_recovery_code_of_another(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    other = enrol_somebody(entrance, login="another@example.test")

    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person), identity.RecoveryCode(other.recovery_codes[0]))


def test_sign_in_refuses_a_suspended_account(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, person)
    with entrance.database.unit_of_work() as uow:
        set_status(uow, person.account, identity.AccountStatus.SUSPENDED)

    with pytest.raises(identity.SignInRefused):
        finish(entrance, token, totp(entrance, person))


def test_sign_in_renews_a_hash_made_at_another_cost(
    entrance: identity.Entrance, person: Person, keyring: vault.Keyring
) -> None:
    dearer = replace(CHEAP_HASHING, memory_kib=16)
    hasher = identity.PasswordHasher(dearer, pepper=keyring.secret("pepper"))
    renewing = replace(entrance, hasher=hasher)

    finish(renewing, begin(renewing, person), totp(entrance, person))

    with entrance.database.reading() as uow:
        stored = factors.load_password(uow, person.account)
    assert stored is not None
    assert "m=16," in stored


def test_sign_in_leaves_the_same_rows_whatever_was_wrong(entrance: identity.Entrance, person: Person) -> None:
    grown = []
    for login, password in (
        (person.login, person.password),
        (person.login, "another password altogether"),
        ("nobody@example.test", person.password),
    ):
        before = rows(entrance)
        token = identity.begin_sign_in(entrance, identity.Credentials(login, password)).token
        with pytest.raises(identity.SignInRefused):
            finish(entrance, token, wrong_code(entrance, person))
        grown.append([after - earlier for after, earlier in zip(rows(entrance), before, strict=True)])

    # One trace and one event each, and never an unfinished step.
    assert grown == [[0, 1, 1], [0, 1, 1], [0, 1, 1]]


def rows(entrance: identity.Entrance) -> list[int]:
    tables = ("ceremonies", "ledger_traces", "security_events")
    with entrance.database.reading() as uow:
        counts = [
            uow.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables
        ]
    return [int(count or 0) for count in counts]


def test_sign_in_on_an_empty_installation_is_refused_like_any_other(entrance: identity.Entrance) -> None:
    pending = identity.begin_sign_in(entrance, identity.Credentials("nobody", "x"))

    with pytest.raises(identity.SignInRefused):
        finish(entrance, pending.token, identity.TotpCode("123456"))


def test_sign_in_traces_every_try_that_was_looked_at(entrance: identity.Entrance, person: Person) -> None:
    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person, "another password"), totp(entrance, person))
    with pytest.raises(identity.SignInRefused):
        finish(entrance, begin(entrance, person), wrong_code(entrance, person))
    finish(entrance, begin(entrance, person), totp(entrance, person))

    with entrance.database.reading() as uow:
        organisation = identity.open_account(uow, person.account).organisation
        log = ledger.read_security_log(uow, organisation, limit=5)

    account = {"account": str(person.account), "method": "totp", "lane": "unknown"}
    assert [(each.trace.kind, each.trace.outcome.value, each.trace.detail) for each in log[1:3]] == [
        ("identity.sign-in.refused", "refused", {**account, "password": "right"}),
        ("identity.sign-in.refused", "refused", {**account, "password": "wrong"}),
    ]
    opened = log[0].trace
    assert (opened.kind, opened.actor.account) == ("identity.session.opened", person.account)
    assert opened.detail["method"] == "totp"


def test_sign_in_keeps_no_secret_in_the_database(entrance: identity.Entrance, person: Person) -> None:
    token = begin(entrance, person)
    opened = finish(entrance, token, totp(entrance, person))

    stored = repr(everything(entrance)).lower()

    for secret in (token, opened.token, person.seed, person.login, "camille", *person.recovery_codes):
        assert secret.lower() not in stored
    assert person.password not in stored


def everything(entrance: identity.Entrance) -> list[object]:
    with entrance.database.reading() as uow:
        return [
            row
            for table in kernel.metadata.sorted_tables
            for row in uow.connection.execute(table.select()).all()
        ]


def test_forget_expired_deletes_what_is_worth_nothing(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    begin(entrance, person)
    finish(entrance, begin(entrance, person), totp(entrance, person))
    clock.advance(timedelta(days=366))
    with entrance.database.unit_of_work() as uow:
        identity.forget_expired(uow, identity.Rules())

    tables = ("known_devices", "sessions", "throttle_buckets", "security_events")
    with entrance.database.reading() as uow:
        left = [uow.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables]
    assert left == [0, 0, 0, 0]


def test_owner_is_told_that_a_refused_sign_in_had_the_right_password(
    entrance: identity.Entrance, person: Person
) -> None:
    for password in ("another password altogether", person.password):
        with pytest.raises(identity.SignInRefused):
            finish(entrance, begin(entrance, person, password), wrong_code(entrance, person))
    opened = finish(entrance, begin(entrance, person), totp(entrance, person))

    with entrance.database.reading() as uow:
        told = identity.security_events(uow, opened.caller)
    refused = [event.password for event in told if event.kind is identity.EventKind.SIGN_IN_REFUSED]
    assert refused == ["right", "wrong"]
