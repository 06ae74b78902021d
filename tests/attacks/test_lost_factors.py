"""Getting into an account by way of its lost factors (AUT-02, AUT-13, THR-02, THR-07).

Every way into an account is listed here: a way that is added without being thought of fails the first test. None of
them is e-mail (ASVS 6.3.6).
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel
from support.authenticator import Authenticator
from support.enrolled import enrol_with_passkey, equipped, passkey_sign_in
from support.identity import (
    PASSWORD,
    VISIT,
    make_administrator,
    make_organisation,
    make_professional,
    signed_in,
    step_up,
)

WEEK, DAY = timedelta(days=7), timedelta(hours=24)
#: Each door of identity that opens a session or takes a code, and what whoever stands before it must hold.
WAYS_IN = {
    "begin_sign_in": "the password, then a second factor",
    "begin_passkey_sign_in": "a passkey",
    "begin_federated_sign_in": "a linked identity at a provider of health professionals",
    "begin_enrolment": "a code given by hand, once",
    "begin_recovery": "a code given by hand, after a delay in which the owner is told",
}


def test_ways_in_are_these_and_none_is_a_message() -> None:
    doors = {name for name in identity.__all__ if name.startswith("begin_")}
    additions = {"begin_totp", "begin_passkey_registration", "begin_passkey_step_up", "begin_link"}

    assert doors - additions <= set(WAYS_IN)
    assert not any("mail" in name or "message" in name or "reset" in name for name in identity.__all__)


def test_factors_are_of_two_kinds_and_none_is_sent() -> None:
    assert {kind.value for kind in identity.FactorKind} == {"passkey", "totp"}
    assert {method.value for method in identity.Method} <= {
        "passkey",
        "totp",
        "recovery-code",
        "federated",
    }


def test_mailbox_and_password_open_nothing(entrance: identity.Entrance, clock: kernel.SettableClock) -> None:
    """AUT-13: no code is sent, so a mailbox holds none; what could be guessed from it is refused."""
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    equipped(entrance, identity.Role.PROFESSIONAL, "claude", founder)
    clock.advance(WEEK)
    for code in ("", "claude", PASSWORD, "000000", "AAAA-AAAA-AAAA-AAAA"):
        for begin in (identity.begin_recovery, identity.begin_enrolment):
            with pytest.raises(identity.EnrolmentRefused):
                begin(entrance, "claude", code, VISIT)
        token = identity.begin_sign_in(entrance, identity.Credentials("claude", PASSWORD)).token
        for proof in (identity.TotpCode(code), identity.RecoveryCode(code)):
            with pytest.raises(identity.SignInRefused):
                identity.finish_sign_in(entrance, token, proof, VISIT)


def test_stolen_password_before_enrolment_adds_no_factor(entrance: identity.Entrance) -> None:
    """AUT-02: before its enrolment an account has no password, so knowing what it will be is worth nothing."""
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation("claude", "Claude Essai", identity.Role.DPO)
        code = identity.invite(uow, founder, invitation)
    token = identity.begin_sign_in(entrance, identity.Credentials("claude", PASSWORD)).token
    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, token, identity.TotpCode("123456"), VISIT)
    device = Authenticator()
    offer = identity.begin_enrolment(entrance, "claude", code.code, VISIT)
    answer = device.register(offer.passkey.options_json)
    registration = identity.PasskeyRegistration(offer.passkey.token, answer)
    stolen = identity.Enrolment("a token of one's own", PASSWORD, registration)

    with pytest.raises(identity.EnrolmentRefused):
        identity.complete_enrolment(entrance, stolen, VISIT)
    with pytest.raises(identity.EnrolmentRefused):
        identity.complete_recovery(entrance, replace(stolen, token=offer.token), VISIT)


def test_lone_administrator_gets_into_no_administrators_account(
    entrance: identity.Entrance, clock: kernel.SettableClock
) -> None:
    """THR-07: an accomplice made for the occasion approves nothing, nor does an account recovered for it."""
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    _, own = equipped(entrance, identity.Role.ADMINISTRATOR, "alix", founder)
    victim, _ = equipped(entrance, identity.Role.ADMINISTRATOR, "noor", founder)
    clock.advance(WEEK)
    alix = replace(passkey_sign_in(entrance, own), stepped_up_at=clock.now())
    with entrance.database.unit_of_work() as uow:
        given = identity.open_recovery(uow, entrance.rules.recovery, alix, victim)
    _, puppet = equipped(entrance, identity.Role.DPO, "puppet", alix)
    accomplice = replace(passkey_sign_in(entrance, puppet), stepped_up_at=clock.now())

    for who, refusal in ((alix, identity.NotPermitted), (accomplice, identity.SecondPersonTooNew)):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.approve_recovery(uow, entrance.rules.recovery, who, victim)
    clock.advance(DAY)
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_recovery(entrance, "noor", given.code, VISIT)


def test_administrator_gets_into_no_patients_account(
    entrance: identity.Entrance, clock: kernel.SettableClock
) -> None:
    """THR-07: neither by opening a recovery nor by approving one."""
    with entrance.database.unit_of_work() as uow:
        organisation = make_organisation(uow)
        founder = signed_in(uow, make_administrator(uow, organisation))
        physician = replace(
            signed_in(uow, make_professional(uow, organisation)), stepped_up_at=entrance.database.clock.now()
        )
    patient, _ = equipped(entrance, identity.Role.PATIENT, "dominique", founder)
    _, own = equipped(entrance, identity.Role.ADMINISTRATOR, "alix", founder)
    clock.advance(WEEK)
    alix = replace(passkey_sign_in(entrance, own), stepped_up_at=clock.now())
    physician = replace(physician, stepped_up_at=clock.now())
    with pytest.raises(identity.NotPermitted), entrance.database.unit_of_work() as uow:
        identity.open_recovery(uow, entrance.rules.recovery, alix, patient)
    with entrance.database.unit_of_work() as uow:
        given = identity.open_recovery(uow, entrance.rules.recovery, physician, patient)
    with pytest.raises(identity.RecoveryNotFound), entrance.database.unit_of_work() as uow:
        identity.approve_recovery(uow, entrance.rules.recovery, alix, patient)

    clock.advance(DAY - timedelta(seconds=1))
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_recovery(entrance, "dominique", given.code, VISIT)


def test_physician_impersonated_by_way_of_a_recovery_sees_it_at_once_and_for_good(
    entrance: identity.Entrance, clock: kernel.SettableClock
) -> None:
    """THR-07: it takes a day, every page of a living session says so, and the own passkey opens no more."""
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    physician, device = equipped(entrance, identity.Role.PROFESSIONAL, "claude", founder)
    clock.advance(WEEK)
    living = passkey_sign_in(entrance, device)
    with entrance.database.unit_of_work() as uow:
        raised = replace(founder, stepped_up_at=clock.now())
        given = identity.open_recovery(uow, entrance.rules.recovery, raised, physician)
    with entrance.database.reading() as uow:
        banner = identity.own_recovery(uow, living)
    assert banner is not None
    assert banner.works_from == clock.now() + DAY

    clock.advance(DAY)
    offer = identity.begin_recovery(entrance, "claude", given.code, VISIT)
    thief = Authenticator(credential_id=b"of the thief")
    answer = thief.register(offer.passkey.options_json)
    registration = identity.PasskeyRegistration(offer.passkey.token, answer)
    identity.complete_recovery(
        entrance, identity.Enrolment(offer.token, f"{PASSWORD} autre", registration), VISIT
    )
    with pytest.raises(identity.SignInRefused):
        passkey_sign_in(entrance, device)
    inside = passkey_sign_in(entrance, thief)
    with entrance.database.reading() as uow:
        told = [event.kind.value for event in identity.security_events(uow, inside)]
    assert "identity.recovery.completed" in told
    assert "identity.recovery.opened" in told


@pytest.mark.parametrize("proof", [identity.TotpCode("123456"), identity.RecoveryCode("A" * 16)])
def test_administrator_signs_in_with_no_password(
    entrance: identity.Entrance, clock: kernel.SettableClock, proof: identity.FactorProof
) -> None:
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    equipped(entrance, identity.Role.ADMINISTRATOR, "alix", founder)
    token = identity.begin_sign_in(entrance, identity.Credentials("alix", PASSWORD)).token

    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, token, proof, VISIT)


def test_administrator_with_a_password_of_former_rules_signs_in_with_the_passkey_only(
    entrance: identity.Entrance, clock: kernel.SettableClock
) -> None:
    lenient = replace(entrance, rules=replace(entrance.rules, administrators_use_passkeys=False))
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation("alix", "Alix Essai", identity.Role.ADMINISTRATOR)
        code = identity.invite(uow, founder, invitation)
    device = Authenticator()
    enrolled = enrol_with_passkey(lenient, "alix", code, device)

    for proof in (identity.RecoveryCode(enrolled.recovery_codes[0]), assertion(entrance, device)):
        token = identity.begin_sign_in(entrance, identity.Credentials("alix", PASSWORD)).token
        with pytest.raises(identity.SignInRefused):
            identity.finish_sign_in(entrance, token, proof, VISIT)
    caller = passkey_sign_in(entrance, device)
    assert caller.account == code.account
    with pytest.raises(identity.StepUpRefused):
        step_up(entrance, caller, identity.RecoveryCode(enrolled.recovery_codes[1]))


def assertion(entrance: identity.Entrance, device: Authenticator) -> identity.PasskeyAssertion:
    challenge = identity.begin_passkey_sign_in(entrance)
    return identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
