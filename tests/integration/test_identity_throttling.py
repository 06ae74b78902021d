from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel, vault
from support.identity import VISIT, Person, enrol_somebody, make_entrance

ELSEWHERE = identity.Visit("web 198.51.100.9")


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


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


def test_throttle_stops_a_source_on_one_account_before_hashing(
    entrance: identity.Entrance, person: Person
) -> None:
    for _ in range(6):
        begin(entrance, person, "another password altogether")

    with pytest.raises(identity.Throttled) as throttled:
        begin(entrance, person)

    assert throttled.value.retry_after_seconds == 60


def test_throttle_treats_a_login_without_account_the_same(
    entrance: identity.Entrance, person: Person
) -> None:
    nobody = replace(person, login="nobody@example.test")
    for _ in range(6):
        begin(entrance, nobody)

    with pytest.raises(identity.Throttled) as throttled:
        begin(entrance, nobody)

    assert throttled.value.retry_after_seconds == 60


def test_throttle_of_one_source_leaves_the_others_their_way(
    entrance: identity.Entrance, person: Person
) -> None:
    for _ in range(6):
        begin(entrance, person, "another password altogether")

    token = begin(entrance, person, visit=ELSEWHERE)

    assert finish(entrance, token, totp(entrance, person)).caller.account == person.account


def test_throttle_counts_neighbours_as_one_source(entrance: identity.Entrance, person: Person) -> None:
    for host in range(6):
        begin(entrance, person, "another password", identity.Visit(f"web 198.51.100.{host}"))

    with pytest.raises(identity.Throttled):
        begin(entrance, person, visit=ELSEWHERE)


def test_throttle_stops_many_sources_on_one_account(entrance: identity.Entrance, person: Person) -> None:
    for network in range(20):
        begin(entrance, person, "another password", identity.Visit(f"web 198.51.{network}.1"))

    with pytest.raises(identity.Throttled):
        begin(entrance, person, visit=identity.Visit("web 198.51.77.1"))


def test_throttle_stops_one_source_on_many_accounts(
    database: kernel.Database, keyring: vault.Keyring
) -> None:
    few = identity.ThrottleRules(source=identity.Allowance(3, timedelta(minutes=1)))
    entrance = make_entrance(database, keyring, identity.Rules(throttle=few))
    for number in range(3):
        identity.begin_sign_in(entrance, identity.Credentials(f"login-{number}", "x"))

    with pytest.raises(identity.Throttled):
        identity.begin_sign_in(entrance, identity.Credentials("login-3", "x"))
    with pytest.raises(identity.Throttled):
        identity.begin_passkey_sign_in(entrance)


def test_throttle_lets_in_again_after_the_wait(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    for _ in range(6):
        begin(entrance, person, "another password altogether")
    clock.advance(timedelta(seconds=60))

    assert finish(entrance, begin(entrance, person), totp(entrance, person)).caller.account == person.account


def test_throttle_forgets_the_attempts_of_the_right_person(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    for _ in range(10):
        finish(entrance, begin(entrance, person), totp(entrance, person))
        clock.advance(timedelta(seconds=30))


def test_throttle_admits_no_more_than_its_burst_under_concurrency(
    entrance: identity.Entrance, person: Person
) -> None:
    def admitted(_: int) -> bool:
        try:
            begin(entrance, person, "another password altogether")
        except identity.Throttled:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(admitted, range(12))) == 6


def test_second_factor_guesses_are_counted_behind_a_right_password(
    database: kernel.Database, keyring: vault.Keyring, clock: kernel.SettableClock
) -> None:
    few = identity.ThrottleRules(second_factor=identity.Allowance(2, timedelta(minutes=5)))
    entrance = make_entrance(database, keyring, identity.Rules(throttle=few))
    person = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    for _ in range(2):
        with pytest.raises(identity.SignInRefused):
            finish(entrance, begin(entrance, person), wrong_code(entrance, person))

    token = begin(entrance, person)
    with pytest.raises(identity.SignInRefused):
        finish(entrance, token, totp(entrance, person))
    # Codes of 80 bits are not guessed: they still open, and so do passkeys.
    opened = finish(entrance, token, identity.RecoveryCode(person.recovery_codes[0]))
    assert opened.caller.account == person.account


def test_second_factor_guesses_of_a_stranger_lock_nobody(
    database: kernel.Database, keyring: vault.Keyring, clock: kernel.SettableClock
) -> None:
    few = identity.ThrottleRules(second_factor=identity.Allowance(2, timedelta(minutes=5)))
    entrance = make_entrance(database, keyring, identity.Rules(throttle=few))
    person = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    for _ in range(4):
        with pytest.raises(identity.SignInRefused):
            finish(entrance, begin(entrance, person, "not the password"), wrong_code(entrance, person))

    opened = finish(entrance, begin(entrance, person), totp(entrance, person))
    assert opened.caller.account == person.account
