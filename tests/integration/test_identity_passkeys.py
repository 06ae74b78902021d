from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel, ledger
from serment.identity.directory.store import set_status
from serment.identity.factors.proofs import Owner, prepare_proof, use_proof
from serment.identity.throttling.challenges import spend_challenge
from support.authenticator import HONEST, WRONG_ASSERTIONS, Answer, Authenticator
from support.identity import PASSWORD, VISIT, make_administrator, make_organisation, signed_in, step_up

LOGIN = "personne@example.test"


def enrol_with_passkey(
    entrance: identity.Entrance, device: Authenticator, login: str = LOGIN
) -> kernel.AccountId:
    with entrance.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation(
            login, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
        )
        code = identity.invite(uow, administrator, invitation)
    offer = identity.begin_enrolment(entrance, login, code.code, VISIT)
    registration = identity.PasskeyRegistration(
        offer.passkey.token, device.register(offer.passkey.options_json), "Clé"
    )
    enrolment = identity.Enrolment(offer.token, PASSWORD, registration)
    return identity.complete_enrolment(entrance, enrolment, VISIT).account


def assertion(
    entrance: identity.Entrance, device: Authenticator, answer: Answer = HONEST
) -> identity.PasskeyAssertion:
    challenge = identity.begin_passkey_sign_in(entrance)
    return identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json, answer))


def sign_in(entrance: identity.Entrance, given: identity.PasskeyAssertion) -> identity.OpenedSession:
    return identity.finish_passkey_sign_in(entrance, given, VISIT)


def pending(entrance: identity.Entrance, password: str = PASSWORD) -> str:
    return identity.begin_sign_in(entrance, identity.Credentials(LOGIN, password)).token


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
def owner(entrance: identity.Entrance, device: Authenticator) -> kernel.AccountId:
    return enrol_with_passkey(entrance, device)


def test_passkey_alone_opens_a_session(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    opened = sign_in(entrance, assertion(entrance, device))

    assert opened.caller.account == owner
    assert identity.resume_session(entrance.database, opened.token, VISIT.origin) == opened.caller


@pytest.mark.parametrize("answer", WRONG_ASSERTIONS.values(), ids=WRONG_ASSERTIONS)
def test_passkey_sign_in_refuses(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId, answer: Answer
) -> None:
    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, assertion(entrance, device, answer))


def test_passkey_sign_in_refuses_a_replay(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    given = assertion(entrance, device)
    sign_in(entrance, given)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, given)


def test_passkey_sign_in_accepts_an_assertion_once_under_concurrency(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    given = assertion(entrance, device)

    def opens(_: int) -> bool:
        try:
            sign_in(entrance, given)
        except identity.SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(opens, range(8))) == 1


def test_passkey_sign_in_refuses_the_challenge_of_another_answer(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    other = identity.begin_passkey_sign_in(entrance)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, replace(assertion(entrance, device), challenge=other.token))


def test_passkey_sign_in_refuses_a_challenge_after_five_minutes(
    entrance: identity.Entrance,
    device: Authenticator,
    owner: kernel.AccountId,
    clock: kernel.SettableClock,
) -> None:
    given = assertion(entrance, device)
    clock.advance(timedelta(minutes=5))

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, given)


def test_passkey_sign_in_refuses_a_challenge_made_up_by_the_browser(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    begun = identity.begin_passkey_sign_in(entrance)
    own = "A" * 43
    options = begun.options_json.replace(begun.token, own)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, identity.PasskeyAssertion(own, device.sign_in(options)))


def test_passkey_sign_in_refuses_an_unknown_passkey(
    entrance: identity.Entrance, owner: kernel.AccountId
) -> None:
    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, assertion(entrance, Authenticator(credential_id=b"unknown")))


def test_passkey_sign_in_refuses_what_is_no_response(
    entrance: identity.Entrance, owner: kernel.AccountId
) -> None:
    challenge = identity.begin_passkey_sign_in(entrance)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, identity.PasskeyAssertion(challenge.token, "no response"))


def test_passkey_counter_that_does_not_go_on_is_told_and_no_refusal(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    sign_in(entrance, assertion(entrance, device, replace(HONEST, sign_count=9)))

    assert (
        sign_in(entrance, assertion(entrance, device, replace(HONEST, sign_count=9))).caller.account == owner
    )


def test_passkey_sign_in_refuses_another_eligibility_for_copies_than_at_registration(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    with pytest.raises(identity.SignInRefused):
        sign_in(
            entrance, assertion(entrance, device, replace(HONEST, backup_eligible=False, backed_up=False))
        )


def test_passkey_is_used_by_one_of_two_assertions_that_saw_the_same_count(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    database, party = entrance.database, entrance.relying_party
    given = [assertion(entrance, device, replace(HONEST, sign_count=count)) for count in (5, 6)]
    prepared = [prepare_proof(database, party, each) for each in given]

    def take(uow: kernel.UnitOfWork, challenge: str) -> bool:
        return spend_challenge(uow, challenge, entrance.rules.lives.passkey_challenge)

    with database.unit_of_work() as uow:
        holder = Owner(owner, identity.open_account(uow, owner).organisation)
        used = [use_proof(uow, holder, each, lambda _work, _challenge: True) for each in prepared]

    assert [each is not None for each in used] == [True, False]


def test_passkey_sign_in_refuses_a_suspended_account(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    given = assertion(entrance, device)
    with entrance.database.unit_of_work() as uow:
        set_status(uow, owner, identity.AccountStatus.SUSPENDED)

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, given)


def test_passkey_finishes_a_sign_in_begun_with_a_password(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    opened = identity.finish_sign_in(entrance, pending(entrance), assertion(entrance, device), VISIT)

    assert opened.caller.account == owner


def test_passkey_does_not_mend_a_wrong_password(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    token = pending(entrance, "another password altogether")

    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, token, assertion(entrance, device), VISIT)


def test_passkey_of_another_account_does_not_finish_a_sign_in(
    entrance: identity.Entrance, owner: kernel.AccountId
) -> None:
    theirs = Authenticator(credential_id=b"theirs")
    enrol_with_passkey(entrance, theirs, "another@example.test")

    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, pending(entrance), assertion(entrance, theirs), VISIT)


def test_step_up_takes_a_passkey_and_its_own_challenge_only(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    caller = sign_in(entrance, assertion(entrance, device)).caller
    challenge = identity.begin_passkey_step_up(entrance, caller)
    given = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))

    with pytest.raises(identity.SignInRefused):
        sign_in(entrance, given)
    with pytest.raises(identity.StepUpRefused):
        step_up(entrance, caller, assertion(entrance, device))
    challenge = identity.begin_passkey_step_up(entrance, caller)
    given = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
    assert step_up(entrance, caller, given).stepped_up_at == entrance.database.clock.now()


def test_step_up_refuses_the_challenge_of_another_account(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    theirs = Authenticator(credential_id=b"theirs")
    enrol_with_passkey(entrance, theirs, "another@example.test")
    other = sign_in(entrance, assertion(entrance, theirs)).caller
    caller = sign_in(entrance, assertion(entrance, device)).caller
    challenge = identity.begin_passkey_step_up(entrance, other)

    with pytest.raises(identity.StepUpRefused):
        step_up(
            entrance,
            caller,
            identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json)),
        )


def test_passkey_answered_again_and_again_fills_no_trail(
    entrance: identity.Entrance, device: Authenticator, owner: kernel.AccountId
) -> None:
    given = assertion(entrance, device)
    sign_in(entrance, given)
    for _ in range(40):
        with pytest.raises(identity.SignInRefused):
            sign_in(entrance, given)

    with entrance.database.reading() as uow:
        log = ledger.read_security_log(uow, identity.open_account(uow, owner).organisation, limit=100)
    assert sum(each.trace.kind == "identity.sign-in.refused" for each in log) == 29
