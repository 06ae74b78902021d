import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel, ledger, vault
from serment.identity.devices.tokens import device_in, with_device
from support.identity import VISIT, Person, enrol_somebody, make_entrance
from support.work import work_done

ELSEWHERE = identity.Visit("web 198.51.100.9")
WRONG = "another password altogether"


def sign_in(
    entrance: identity.Entrance,
    person: Person,
    password: str | None = None,
    visit: identity.Visit = VISIT,
    work: str | None = None,
) -> identity.OpenedSession:
    credentials = identity.Credentials(person.login, password or person.password)
    token = identity.begin_sign_in(entrance, credentials).token
    return identity.finish_sign_in(entrance, token, totp(entrance, person), visit, work=work)


def fail(entrance: identity.Entrance, person: Person, times: int, visit: identity.Visit = VISIT) -> None:
    for _ in range(times):
        with pytest.raises(identity.SignInRefused):
            sign_in(entrance, person, WRONG, visit)


def totp(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    return identity.TotpCode(identity.code_at(person.seed, entrance.database.clock.now()))


def wrong_code(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    right = totp(entrance, person).code
    return identity.TotpCode(str((int(right) + 500_000) % 1_000_000).zfill(6))


def guess_code(entrance: identity.Entrance, person: Person, password: str | None = None) -> None:
    credentials = identity.Credentials(person.login, password or person.password)
    token = identity.begin_sign_in(entrance, credentials).token
    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, token, wrong_code(entrance, person), VISIT)


def under_attack(entrance: identity.Entrance) -> None:
    """Let most of what unknown browsers tried lately have failed."""
    for _ in range(entrance.rules.pressure.least_failures):
        entrance.pressure.note_failure()


def work_for(entrance: identity.Entrance) -> str:
    """Do the work that is asked of an unknown browser."""
    token = identity.begin_sign_in(entrance, identity.Credentials("anybody", "at all")).token
    challenge = identity.work_challenge(entrance, token, ELSEWHERE)
    assert challenge is not None
    return work_done(challenge)


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def light(database: kernel.Database, keyring: vault.Keyring) -> identity.Entrance:
    """An entrance whose work takes no time."""
    rounds = identity.WorkRules(iterations=1, least_rounds=1, most_rounds=5)
    return make_entrance(database, keyring, identity.Rules(work=rounds))


@pytest.fixture
def somebody(light: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(light)
    clock.advance(timedelta(seconds=60))
    return enrolled


# --- buckets -------------------------------------------------------------------------------------------------


def test_throttle_refuses_a_source_on_one_account_like_a_wrong_password(
    entrance: identity.Entrance, person: Person
) -> None:
    fail(entrance, person, 6)

    with pytest.raises(identity.SignInRefused) as refused:
        sign_in(entrance, person)

    assert str(refused.value) == "sign-in"


def test_throttled_try_is_not_hashed_nor_traced(entrance: identity.Entrance, person: Person) -> None:
    """What is not looked at costs no hash; the owner hears of it once."""
    fail(entrance, person, 6)
    before = refusals(entrance, person)

    fail(entrance, person, 5)

    assert refusals(entrance, person) == ["identity.sign-in.throttled", *before]


def test_throttle_treats_a_login_without_account_the_same(
    entrance: identity.Entrance, person: Person
) -> None:
    nobody = replace(person, login="nobody@example.test")
    fail(entrance, nobody, 6)
    before = rows(entrance)

    fail(entrance, nobody, 1)

    assert [after - earlier for after, earlier in zip(rows(entrance), before, strict=True)] == [1, 1]


def test_throttle_of_one_source_leaves_the_others_their_way(
    entrance: identity.Entrance, person: Person
) -> None:
    fail(entrance, person, 6)

    assert sign_in(entrance, person, visit=ELSEWHERE).caller.account == person.account


def test_throttle_counts_neighbours_as_one_source(entrance: identity.Entrance, person: Person) -> None:
    for host in range(6):
        fail(entrance, person, 1, identity.Visit(f"web 198.51.100.{host}"))

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, person, visit=ELSEWHERE)


def test_throttle_stops_many_sources_on_one_account(entrance: identity.Entrance, person: Person) -> None:
    for network in range(20):
        fail(entrance, person, 1, identity.Visit(f"web 198.51.{network}.1"))

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, person, visit=identity.Visit("web 198.51.77.1"))


def test_throttle_tells_one_source_on_many_accounts_to_wait(
    database: kernel.Database, keyring: vault.Keyring
) -> None:
    few = identity.ThrottleRules(source=identity.Allowance(3, timedelta(minutes=1)))
    entrance = make_entrance(database, keyring, identity.Rules(throttle=few))
    for number in range(3):
        with pytest.raises(identity.SignInRefused):
            try_login(entrance, f"login-{number}")

    with pytest.raises(identity.Throttled) as throttled:
        try_login(entrance, "login-3")

    assert throttled.value.retry_after_seconds == 60


def try_login(entrance: identity.Entrance, login: str) -> None:
    token = identity.begin_sign_in(entrance, identity.Credentials(login, "x")).token
    identity.finish_sign_in(entrance, token, identity.TotpCode("123456"), VISIT)


def test_throttle_lets_in_again_after_the_wait(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    fail(entrance, person, 6)
    clock.advance(timedelta(seconds=60))

    assert sign_in(entrance, person).caller.account == person.account


def test_throttle_forgets_the_attempts_of_the_right_person(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    for _ in range(10):
        sign_in(entrance, person)
        clock.advance(timedelta(seconds=30))


def test_throttle_looks_at_no_more_than_its_burst_under_concurrency(
    entrance: identity.Entrance, person: Person
) -> None:
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: fail(entrance, person, 1), range(12)))

    looked_at = [kind for kind in refusals(entrance, person) if kind == "identity.sign-in.refused"]
    assert len(looked_at) == 6


def test_throttle_survives_a_restart(
    entrance: identity.Entrance, person: Person, keyring: vault.Keyring
) -> None:
    fail(entrance, person, 6)

    with pytest.raises(identity.SignInRefused):
        sign_in(make_entrance(entrance.database, keyring), person)


def test_overload_gives_the_try_back(
    database: kernel.Database, keyring: vault.Keyring, clock: kernel.SettableClock
) -> None:
    """Nothing was looked at, so nothing is counted: whoever comes back is not the worse for it."""
    entrance = make_entrance(database, keyring)
    person = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    full = identity.HashingCapacity(most_unknown_waiting=0)
    hasher = identity.PasswordHasher(identity.HashingCost(8, 1, 1), pepper=bytes(32), capacity=full)
    overloaded = replace(entrance, hasher=hasher)
    for _ in range(8):
        with pytest.raises(identity.Throttled):
            sign_in(overloaded, person)

    assert sign_in(entrance, person).caller.account == person.account


# --- known browsers ------------------------------------------------------------------------------------------


def test_known_device_signs_in_during_an_attack_on_its_account(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    known = replace(VISIT, device_token=sign_in(entrance, person).device_token)
    clock.advance(timedelta(seconds=60))
    fail(entrance, person, 8)
    for network in range(20):
        fail(entrance, person, 1, identity.Visit(f"web 198.51.{network}.1"))
    under_attack(entrance)

    for _ in range(3):
        assert sign_in(entrance, person, visit=known).caller.account == person.account
        clock.advance(timedelta(seconds=30))


def test_known_device_is_known_for_its_account_only(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    other = enrol_somebody(light, login="another@example.test")
    clock.advance(timedelta(seconds=60))
    known = replace(VISIT, device_token=sign_in(light, somebody).device_token)
    under_attack(light)

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, other, visit=known)


def test_sessions_know_the_browser_that_they_were_opened_in(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    first = sign_in(light, somebody)
    clock.advance(timedelta(seconds=60))
    again = sign_in(light, somebody, visit=replace(VISIT, device_token=first.device_token))
    clock.advance(timedelta(seconds=60))
    elsewhere = sign_in(light, somebody)
    resumed = identity.resume_session(light.database, again.token, VISIT.origin)

    assert first.caller.browser is not None
    assert again.caller.browser == resumed.browser == first.caller.browser
    assert elsewhere.caller.browser not in {None, first.caller.browser}
    assert (resumed.actor.means, resumed.actor.browser) == (resumed.session, resumed.browser)


def test_device_token_serves_several_people_of_one_workplace(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    other = enrol_somebody(light, login="another@example.test")
    clock.advance(timedelta(seconds=60))
    first = sign_in(light, somebody).device_token
    both = sign_in(light, other, visit=replace(VISIT, device_token=first)).device_token
    clock.advance(timedelta(seconds=60))
    under_attack(light)

    workplace = replace(VISIT, device_token=both)
    assert sign_in(light, other, visit=workplace).caller.account == other.account
    assert sign_in(light, somebody, visit=workplace).caller.account == somebody.account


def test_device_token_serves_a_whole_ward_and_forgets_who_was_away_longest(keyring: vault.Keyring) -> None:
    people = [(identity.DeviceId(kernel.new_id()), bytes([number])) for number in range(31)]
    token: str | None = None
    for device, tag in [*people[:30], people[0], people[30]]:
        token = with_device(keyring, token, device, tag)

    known = [device_in(keyring, token, tag) == device for device, tag in people]
    assert [number for number, is_known in enumerate(known) if not is_known] == [1]


@pytest.mark.parametrize("token", ["", ".", "x" * 43, "é" * 43, "A" * 43 + ".", "A" * 5000])
def test_device_token_that_is_none_makes_nobody_known(
    light: identity.Entrance, somebody: Person, token: str
) -> None:
    under_attack(light)

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, somebody, visit=replace(VISIT, device_token=token))


def test_device_token_altered_anywhere_makes_nobody_known(light: identity.Entrance, somebody: Person) -> None:
    token = sign_in(light, somebody).device_token or ""
    under_attack(light)

    for place in range(len(token)):
        altered = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
        with pytest.raises(identity.WorkDemanded):
            sign_in(light, somebody, visit=replace(VISIT, device_token=altered))


def test_known_device_has_its_own_bound(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    """A stolen token opens a lane, not an account, and no endless row of tries."""
    known = replace(ELSEWHERE, device_token=sign_in(entrance, person).device_token)
    clock.advance(timedelta(seconds=60))
    fail(entrance, person, 10, known)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, person, visit=known)
    assert sign_in(entrance, person).caller.account == person.account


def test_forgotten_device_is_unknown_from_the_next_request(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    opened = sign_in(light, somebody)
    known = replace(VISIT, device_token=opened.device_token)
    with light.database.unit_of_work() as uow:
        (device,) = identity.list_known_devices(uow, opened.caller, known)
        assert (device.device, device.origin, device.is_this_one) == (VISIT.device, VISIT.origin, True)
        identity.forget_device(uow, opened.caller, device.id)
    clock.advance(timedelta(seconds=60))
    under_attack(light)

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, somebody, visit=known)


def test_device_of_another_is_not_forgotten(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    other = enrol_somebody(light, login="another@example.test")
    clock.advance(timedelta(seconds=60))
    theirs, own = sign_in(light, other), sign_in(light, somebody)
    with light.database.unit_of_work() as uow:
        (device,) = identity.list_known_devices(uow, theirs.caller, VISIT)
        with pytest.raises(identity.DeviceUnknown):
            identity.forget_device(uow, own.caller, device.id)

    with light.database.unit_of_work() as uow:
        assert identity.forget_all_devices(uow, own.caller) == 1
        assert len(identity.list_known_devices(uow, theirs.caller, VISIT)) == 1


def test_account_keeps_a_bounded_number_of_devices(
    database: kernel.Database, keyring: vault.Keyring, clock: kernel.SettableClock
) -> None:
    two = identity.DeviceRules(most_of_an_account=2)
    entrance = make_entrance(database, keyring, identity.Rules(devices=two))
    person = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    opened = sign_in(entrance, person, visit=identity.Visit("web 203.0.113.7", "browser 0"))
    for number in range(1, 4):
        clock.advance(timedelta(seconds=60))
        opened = sign_in(entrance, person, visit=identity.Visit("web 203.0.113.7", f"browser {number}"))

    with entrance.database.reading() as uow:
        kept = identity.list_known_devices(uow, opened.caller, VISIT)
    assert [device.device for device in kept] == ["browser 3", "browser 2"]


def test_device_that_stays_away_is_forgotten(
    entrance: identity.Entrance, person: Person, clock: kernel.SettableClock
) -> None:
    opened = sign_in(entrance, person)
    clock.advance(identity.DeviceRules().forgotten_after + timedelta(days=1))
    with entrance.database.unit_of_work() as uow:
        identity.forget_expired(uow, identity.Rules())
        assert identity.list_known_devices(uow, opened.caller, VISIT) == ()


# --- pressure and work ---------------------------------------------------------------------------------------


def test_pressure_asks_unknown_browsers_for_work_and_eases_after_the_window(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    token = identity.begin_sign_in(light, identity.Credentials("anybody", "at all")).token
    for _ in range(light.rules.pressure.least_failures - 1):
        light.pressure.note_failure()
    assert identity.work_challenge(light, token, ELSEWHERE) is None

    light.pressure.note_failure()
    assert identity.work_challenge(light, token, ELSEWHERE) is not None

    clock.advance(light.rules.pressure.window + timedelta(seconds=5))
    assert identity.work_challenge(light, token, ELSEWHERE) is None
    assert sign_in(light, somebody).caller.account == somebody.account


def test_pressure_stays_low_while_most_succeed(light: identity.Entrance) -> None:
    under_attack(light)
    for _ in range(light.rules.pressure.least_failures + 1):
        light.pressure.note_success()

    assert not light.pressure.is_high()


def test_pressure_is_shared_by_workers_and_survives_a_restart(
    light: identity.Entrance, somebody: Person, keyring: vault.Keyring
) -> None:
    under_attack(light)
    light.pressure.share(light.database)
    another = make_entrance(light.database, keyring, light.rules)

    with pytest.raises(identity.WorkDemanded):
        sign_in(another, somebody)


def test_pressure_of_several_workers_adds_up(light: identity.Entrance, keyring: vault.Keyring) -> None:
    half = light.rules.pressure.least_failures // 2
    workers = [make_entrance(light.database, keyring, light.rules) for _ in range(2)]
    for worker in workers:
        for _ in range(half):
            worker.pressure.note_failure()
        worker.pressure.share(light.database)
    light.pressure.share(light.database)

    assert light.pressure.is_high()


def test_failures_raise_the_pressure(light: identity.Entrance, somebody: Person) -> None:
    for network in range(light.rules.pressure.least_failures):
        nobody = replace(somebody, login=f"nobody-{network}@example.test")
        fail(light, nobody, 1, identity.Visit(f"web 198.51.{network}.1"))

    assert light.pressure.is_high()


def test_unknown_browser_with_work_signs_in_on_an_attacked_account(
    light: identity.Entrance, somebody: Person
) -> None:
    for network in range(20):
        fail(light, somebody, 1, identity.Visit(f"web 198.51.{network}.1"))
    under_attack(light)

    assert sign_in(light, somebody, work=work_for(light)).caller.account == somebody.account


def test_work_is_good_once(light: identity.Entrance, somebody: Person, clock: kernel.SettableClock) -> None:
    under_attack(light)
    work = work_for(light)
    sign_in(light, somebody, work=work)
    clock.advance(timedelta(seconds=30))

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, somebody, work=work)


def test_work_runs_out(light: identity.Entrance, somebody: Person, clock: kernel.SettableClock) -> None:
    under_attack(light)
    work = work_for(light)
    clock.advance(light.rules.work.life)
    under_attack(light)

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, somebody, work=work)


@pytest.mark.parametrize("work", ["", "x", "e30=", "bnVsbA==", "W10=", "{}", "é", "A" * 5000])
def test_what_is_no_work_is_refused(light: identity.Entrance, somebody: Person, work: str) -> None:
    under_attack(light)

    with pytest.raises(identity.WorkDemanded):
        sign_in(light, somebody, work=work)


def test_work_altered_anywhere_is_refused(light: identity.Entrance, somebody: Person) -> None:
    under_attack(light)
    done = json.loads(base64.b64decode(work_for(light)))
    parameters, solution = done["challenge"]["parameters"], done["solution"]
    altered = [
        {**done, "challenge": {**done["challenge"], "parameters": {**parameters, field: value}}}
        for field, value in [
            ("cost", 2), ("keyPrefix", "00"), ("salt", "00" * 16), ("nonce", "00" * 16), ("algorithm", "SHA-256"),
            ("keyLength", 16), ("keySignature", "00" * 32), ("data", {"until": 2**40}), ("data", None),
        ]
    ]  # fmt: skip
    altered += [{**done, "solution": {**solution, "derivedKey": "00" * 32}}, {"solution": solution}]
    altered += [{**done, "challenge": {**done["challenge"], "signature": "00" * 32}}]

    for work in altered:
        with pytest.raises(identity.WorkDemanded):
            sign_in(light, somebody, work=base64.b64encode(json.dumps(work).encode()).decode())


def test_asking_for_work_touches_no_database(light: identity.Entrance, somebody: Person) -> None:
    under_attack(light)
    token = identity.begin_sign_in(light, identity.Credentials(somebody.login, "x")).token
    light.database.close()

    with pytest.raises(identity.WorkDemanded):
        identity.insist_on_work(light, identity.claimed_device(light, token, VISIT), None)


def test_one_piece_of_work_passes_the_gate_once(light: identity.Entrance) -> None:
    """Admission takes it once; sent again and again, it must not keep the few threads for unknown browsers busy."""
    under_attack(light)
    work = work_for(light)
    identity.insist_on_work(light, None, work)

    with pytest.raises(identity.WorkDemanded):
        identity.insist_on_work(light, None, work)


def test_known_browser_is_never_asked_for_work(
    light: identity.Entrance, somebody: Person, clock: kernel.SettableClock
) -> None:
    known = replace(VISIT, device_token=sign_in(light, somebody).device_token)
    under_attack(light)
    clock.advance(timedelta(seconds=30))
    credentials = identity.Credentials(somebody.login, somebody.password)
    token = identity.begin_sign_in(light, credentials).token

    assert identity.work_challenge(light, token, known) is None
    identity.insist_on_work(light, identity.claimed_device(light, token, known), None)


# --- second factors ------------------------------------------------------------------------------------------


@pytest.fixture
def two_guesses(database: kernel.Database, keyring: vault.Keyring) -> identity.Entrance:
    few = identity.ThrottleRules(second_factor=identity.Allowance(2, timedelta(minutes=5)))
    return make_entrance(database, keyring, identity.Rules(throttle=few))


@pytest.fixture
def owner(two_guesses: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(two_guesses)
    clock.advance(timedelta(seconds=60))
    return enrolled


def test_second_factor_guesses_are_counted_behind_a_right_password(
    two_guesses: identity.Entrance, owner: Person
) -> None:
    for _ in range(2):
        guess_code(two_guesses, owner)

    with pytest.raises(identity.SignInRefused):
        sign_in(two_guesses, owner)
    # Codes of 120 bits are not guessed: they still open, and so do passkeys.
    credentials = identity.Credentials(owner.login, owner.password)
    token = identity.begin_sign_in(two_guesses, credentials).token
    recovery = identity.RecoveryCode(owner.recovery_codes[0])
    assert identity.finish_sign_in(two_guesses, token, recovery, VISIT).caller.account == owner.account


def test_second_factor_guesses_of_a_thief_leave_known_devices_alone(
    two_guesses: identity.Entrance, owner: Person, clock: kernel.SettableClock
) -> None:
    known = replace(VISIT, device_token=sign_in(two_guesses, owner).device_token)
    clock.advance(timedelta(seconds=30))
    for _ in range(2):
        guess_code(two_guesses, owner)

    assert sign_in(two_guesses, owner, visit=known).caller.account == owner.account


def test_second_factor_guesses_of_a_stranger_lock_nobody(
    two_guesses: identity.Entrance, owner: Person
) -> None:
    for _ in range(4):
        guess_code(two_guesses, owner, "not the password")

    assert sign_in(two_guesses, owner).caller.account == owner.account


def refusals(entrance: identity.Entrance, person: Person) -> list[str]:
    """What the trail says was refused at the door, newest first."""
    with entrance.database.reading() as uow:
        organisation = identity.open_account(uow, person.account).organisation
        log = ledger.read_security_log(uow, organisation, limit=100)
    return [each.trace.kind for each in log if each.trace.kind.startswith("identity.sign-in.")]


def rows(entrance: identity.Entrance) -> list[int]:
    with entrance.database.reading() as uow:
        counts = [
            uow.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("ledger_traces", "security_events")
        ]
    return [int(count or 0) for count in counts]
