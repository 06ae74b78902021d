from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from serment import identity, kernel
from support.authenticator import Authenticator
from support.identity import PASSWORD, VISIT, Person, enrol_somebody, open_session_of, signed_in, step_up

NEW_PASSWORD = "lanterne prairie 27 tisserand"


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def caller(entrance: identity.Entrance, person: Person) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, person.account)


@pytest.fixture
def raised(entrance: identity.Entrance, caller: identity.Caller, person: Person) -> identity.Caller:
    """The caller after a step-up."""
    return step_up(entrance, caller, identity.RecoveryCode(person.recovery_codes[9]))


def add_passkey(
    entrance: identity.Entrance, caller: identity.Caller, device: Authenticator | None = None
) -> identity.Factor:
    challenge = identity.begin_passkey_registration(entrance, caller)
    response = (device or Authenticator()).register(challenge.options_json)
    registration = identity.PasskeyRegistration(challenge.token, response, "Clé bleue")
    return identity.confirm_passkey(entrance, caller, registration)


def add_totp(entrance: identity.Entrance, caller: identity.Caller) -> identity.Factor:
    offer = identity.begin_totp(entrance, caller)
    code = identity.code_at(offer.seed, entrance.database.clock.now())
    confirmation = identity.TotpConfirmation(code, "Second téléphone")
    return identity.confirm_totp(entrance, caller, offer.token, confirmation)


def factors(entrance: identity.Entrance, caller: identity.Caller) -> list[tuple[identity.FactorKind, str]]:
    with entrance.database.reading() as uow:
        return [(each.kind, each.label) for each in identity.list_factors(uow, caller)]


def kinds_told(entrance: identity.Entrance, caller: identity.Caller) -> list[str]:
    with entrance.database.reading() as uow:
        return [event.kind.value for event in identity.security_events(uow, caller)]


def test_factors_are_added_listed_and_told(
    entrance: identity.Entrance, raised: identity.Caller, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(seconds=1))
    add_passkey(entrance, raised)
    clock.advance(timedelta(seconds=1))
    add_totp(entrance, raised)

    assert factors(entrance, raised) == [
        (identity.FactorKind.TOTP, "Application"),
        (identity.FactorKind.PASSKEY, "Clé bleue"),
        (identity.FactorKind.TOTP, "Second téléphone"),
    ]
    assert kinds_told(entrance, raised)[:2] == ["identity.factor.added", "identity.factor.added"]


def test_added_factors_sign_in(
    entrance: identity.Entrance, raised: identity.Caller, person: Person, clock: kernel.SettableClock
) -> None:
    device = Authenticator()
    add_passkey(entrance, raised, device)
    offer = identity.begin_totp(entrance, raised)
    code = identity.TotpConfirmation(identity.code_at(offer.seed, clock.now()))
    identity.confirm_totp(entrance, raised, offer.token, code)
    clock.advance(timedelta(seconds=30))

    challenge = identity.begin_passkey_sign_in(entrance)
    given = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
    assert identity.finish_passkey_sign_in(entrance, given, VISIT).caller.account == person.account
    pending = identity.begin_sign_in(entrance, identity.Credentials(person.login, PASSWORD))
    proof = identity.TotpCode(identity.code_at(offer.seed, clock.now()))
    opened = identity.finish_sign_in(entrance, pending.token, proof, VISIT)
    assert opened.caller.account == person.account


@pytest.mark.parametrize(
    "act",
    [
        identity.begin_totp,
        identity.begin_passkey_registration,
        lambda entrance, caller: identity.change_password(
            entrance, caller, identity.PasswordChange(PASSWORD, NEW_PASSWORD)
        ),
    ],
    ids=["totp", "passkey", "password"],
)
def test_changes_at_the_door_ask_for_a_step_up(
    entrance: identity.Entrance,
    caller: identity.Caller,
    act: Callable[[identity.Entrance, identity.Caller], object],
) -> None:
    with pytest.raises(identity.StepUpNeeded):
        act(entrance, caller)


def test_confirmations_ask_for_a_step_up_again(
    entrance: identity.Entrance, caller: identity.Caller, raised: identity.Caller
) -> None:
    offer = identity.begin_totp(entrance, raised)
    confirmation = identity.TotpConfirmation(identity.code_at(offer.seed, entrance.database.clock.now()))
    challenge = identity.begin_passkey_registration(entrance, raised)
    registration = identity.PasskeyRegistration(
        challenge.token, Authenticator().register(challenge.options_json)
    )

    with pytest.raises(identity.StepUpNeeded):
        identity.confirm_totp(entrance, caller, offer.token, confirmation)
    with pytest.raises(identity.StepUpNeeded):
        identity.confirm_passkey(entrance, caller, registration)


def test_removals_and_new_codes_ask_for_a_step_up(
    entrance: identity.Entrance, caller: identity.Caller, raised: identity.Caller
) -> None:
    factor = add_passkey(entrance, raised)

    with pytest.raises(identity.StepUpNeeded), entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, caller, factor.id, identity.Rules())
    with pytest.raises(identity.StepUpNeeded), entrance.database.unit_of_work() as uow:
        identity.renew_recovery_codes(uow, caller, identity.Rules())


def test_confirm_totp_leaves_the_offer_open_after_a_mistyped_code(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    offer = identity.begin_totp(entrance, raised)
    right = identity.TotpConfirmation(identity.code_at(offer.seed, entrance.database.clock.now()))

    with pytest.raises(identity.FactorNotConfirmed):
        identity.confirm_totp(entrance, raised, offer.token, identity.TotpConfirmation("12345"))
    identity.confirm_totp(entrance, raised, offer.token, right)
    with pytest.raises(identity.FactorNotConfirmed):
        identity.confirm_totp(entrance, raised, offer.token, right)


def test_confirm_refuses_the_offers_of_another_account(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    other = enrol_somebody(entrance, login="another@example.test")
    with entrance.database.unit_of_work() as uow:
        caller = signed_in(uow, other.account)
    theirs = step_up(entrance, caller, identity.RecoveryCode(other.recovery_codes[0]))
    offer = identity.begin_totp(entrance, theirs)
    code = identity.TotpConfirmation(identity.code_at(offer.seed, entrance.database.clock.now()))
    challenge = identity.begin_passkey_registration(entrance, theirs)
    response = Authenticator().register(challenge.options_json)

    with pytest.raises(identity.FactorNotConfirmed):
        identity.confirm_totp(entrance, raised, offer.token, code)
    with pytest.raises(identity.FactorNotConfirmed):
        identity.confirm_passkey(entrance, raised, identity.PasskeyRegistration(challenge.token, response))


def test_confirm_passkey_takes_a_challenge_and_a_credential_once(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    device = Authenticator()
    challenge = identity.begin_passkey_registration(entrance, raised)
    registration = identity.PasskeyRegistration(challenge.token, device.register(challenge.options_json))
    identity.confirm_passkey(entrance, raised, registration)

    with pytest.raises(identity.FactorNotConfirmed):
        identity.confirm_passkey(entrance, raised, registration)
    with pytest.raises(identity.FactorNotConfirmed):
        add_passkey(entrance, raised, device)
    assert len(factors(entrance, raised)) == 2


def test_remove_factor_removes_either_kind_but_never_the_last(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    passkey = add_passkey(entrance, raised)
    with entrance.database.reading() as uow:
        application = identity.list_factors(uow, raised)[0]

    with entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, raised, application.id, identity.Rules())

    assert factors(entrance, raised) == [(identity.FactorKind.PASSKEY, "Clé bleue")]
    with pytest.raises(identity.LastFactor), entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, raised, passkey.id, identity.Rules())
    with pytest.raises(identity.FactorNotFound), entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, raised, application.id, identity.Rules())
    assert kinds_told(entrance, raised)[0] == "identity.factor.removed"


def test_remove_factor_leaves_one_under_concurrency(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    add_passkey(entrance, raised)
    with entrance.database.reading() as uow:
        present = [each.id for each in identity.list_factors(uow, raised)]

    def removes(factor: identity.FactorId) -> bool:
        try:
            with entrance.database.unit_of_work() as uow:
                identity.remove_factor(uow, raised, factor, identity.Rules())
        except identity.LastFactor:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(removes, present)) == 1


def test_renew_recovery_codes_ends_the_former_ones(
    entrance: identity.Entrance, raised: identity.Caller, person: Person
) -> None:
    with entrance.database.unit_of_work() as uow:
        assert identity.recovery_codes_left(uow, raised) == 9
        renewed = identity.renew_recovery_codes(uow, raised, identity.Rules())
        assert identity.recovery_codes_left(uow, raised) == 10

    with pytest.raises(identity.StepUpRefused):
        step_up(entrance, raised, identity.RecoveryCode(person.recovery_codes[0]))
    assert step_up(entrance, raised, identity.RecoveryCode(renewed[0])).account == person.account
    assert "identity.recovery-codes.renewed" in kinds_told(entrance, raised)


def test_change_password_takes_the_current_one_and_ends_the_other_sessions(
    entrance: identity.Entrance,
    raised: identity.Caller,
    person: Person,
    clock: kernel.SettableClock,
) -> None:
    with entrance.database.unit_of_work() as uow:
        other = open_session_of(uow, person.account)

    identity.change_password(entrance, raised, identity.PasswordChange(PASSWORD, NEW_PASSWORD))

    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, other.token, VISIT.origin)
    clock.advance(timedelta(seconds=60))
    proof = identity.TotpCode(identity.code_at(person.seed, clock.now()))
    for password, works in ((PASSWORD, False), (NEW_PASSWORD, True)):
        credentials = identity.Credentials(person.login, password)
        pending = identity.begin_sign_in(entrance, credentials)
        if works:
            opened = identity.finish_sign_in(entrance, pending.token, proof, VISIT)
            assert opened.caller.account == person.account
        else:
            with pytest.raises(identity.SignInRefused):
                identity.finish_sign_in(entrance, pending.token, proof, VISIT)


def test_change_password_refuses_a_wrong_current_one_and_counts(
    entrance: identity.Entrance, raised: identity.Caller
) -> None:
    wrong = identity.PasswordChange("another password altogether", NEW_PASSWORD)
    for _ in range(6):
        with pytest.raises(identity.PasswordWrong):
            identity.change_password(entrance, raised, wrong)

    with pytest.raises(identity.Throttled):
        identity.change_password(entrance, raised, identity.PasswordChange(PASSWORD, NEW_PASSWORD))
    assert kinds_told(entrance, raised)[0] == "identity.password.change-refused"


def test_change_password_keeps_to_the_policy(entrance: identity.Entrance, raised: identity.Caller) -> None:
    for new, refusal in (
        ("short", identity.PasswordTooShort),
        ("x" * 257, identity.PasswordTooLong),
        ("Camille Essai Tilleuls", identity.PasswordTooGuessable),
    ):
        with pytest.raises(refusal):
            identity.change_password(entrance, raised, identity.PasswordChange(PASSWORD, new))


def test_security_events_tell_the_owner_what_happened_newest_first(
    entrance: identity.Entrance, caller: identity.Caller, person: Person
) -> None:
    token = identity.begin_sign_in(entrance, identity.Credentials(person.login, "wrong")).token
    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, token, identity.TotpCode("000000"), VISIT)

    with entrance.database.reading() as uow:
        events = identity.security_events(uow, caller)

    assert [(each.kind.value, each.outcome.value, each.by_owner, each.origin) for each in events] == [
        ("identity.sign-in.refused", "refused", False, "web 203.0.113.7"),
        ("identity.session.opened", "allowed", True, "web 203.0.113.7"),
        ("identity.account.enrolled", "allowed", True, "web 203.0.113.7"),
        ("identity.account.invited", "allowed", False, "web 203.0.113.7"),
    ]
    with entrance.database.reading() as uow:
        assert len(identity.security_events(uow, caller, limit=2)) == 2


def test_security_events_of_another_are_not_told(
    entrance: identity.Entrance, caller: identity.Caller
) -> None:
    before = kinds_told(entrance, caller)
    enrol_somebody(entrance, login="another@example.test")

    assert kinds_told(entrance, caller) == before


def test_totp_code_now_is_refused_on_an_ordinary_installation(
    entrance: identity.Entrance, person: Person
) -> None:
    with pytest.raises(identity.NotADemonstration), entrance.database.reading() as uow:
        identity.totp_code_now(uow, person.account)
    with pytest.raises(identity.InstallationInUse), entrance.database.unit_of_work() as uow:
        identity.declare_demonstration(uow)


def test_totp_code_now_gives_a_code_that_is_not_used_yet(
    entrance: identity.Entrance, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.declare_demonstration(uow)
    person = enrol_somebody(entrance)

    # The code of this step confirmed the enrolment: the next one is given, and accepted.
    for _ in range(2):
        with entrance.database.reading() as uow:
            code = identity.totp_code_now(uow, person.account)
        pending = identity.begin_sign_in(entrance, identity.Credentials(person.login, PASSWORD))
        opened = identity.finish_sign_in(entrance, pending.token, identity.TotpCode(code), VISIT)
        assert opened.caller.account == person.account
        clock.advance(timedelta(seconds=60))


def test_totp_code_now_needs_an_application(entrance: identity.Entrance) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.declare_demonstration(uow)
    person = enrol_somebody(entrance)
    with entrance.database.unit_of_work() as uow:
        caller = signed_in(uow, person.account)
    raised = step_up(entrance, caller, identity.RecoveryCode(person.recovery_codes[0]))
    add_passkey(entrance, raised)
    with entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, raised, identity.list_factors(uow, raised)[0].id, identity.Rules())

    with pytest.raises(identity.FactorNotFound), entrance.database.reading() as uow:
        identity.totp_code_now(uow, person.account)


def test_thief_of_a_session_does_not_keep_its_owner_from_proving_a_factor(
    entrance: identity.Entrance, person: Person, caller: identity.Caller
) -> None:
    """Wrong codes are counted by session: in another one the owner steps up, and ends the stolen one."""
    with entrance.database.unit_of_work() as uow:
        stolen = open_session_of(uow, person.account).caller
    for _ in range(7):
        with pytest.raises((identity.StepUpRefused, identity.Throttled)):
            step_up(entrance, stolen, identity.TotpCode("000000"))

    recovery = identity.RecoveryCode(person.recovery_codes[0])
    assert step_up(entrance, caller, recovery).stepped_up_at is not None
