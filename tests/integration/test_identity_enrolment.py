from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.identity.directory.store import set_status
from serment.identity.factors.store import load_password
from support.authenticator import Authenticator
from support.enrolled import enrol_with_passkey, passkey_sign_in
from support.identity import (
    PASSWORD,
    VISIT,
    enrol,
    make_account,
    make_administrator,
    make_organisation,
    make_professional,
    signed_in,
)

LOGIN = "personne@example.test"
INVITATION = identity.Invitation(
    LOGIN, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
)


@pytest.fixture
def administrator(entrance: identity.Entrance) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, make_administrator(uow, make_organisation(uow)))


@pytest.fixture
def code(entrance: identity.Entrance, administrator: identity.Caller) -> identity.EnrolmentCode:
    with entrance.database.unit_of_work() as uow:
        return identity.invite(uow, administrator, INVITATION)


def confirmation(entrance: identity.Entrance, offer: identity.EnrolmentOffer) -> identity.TotpConfirmation:
    return identity.TotpConfirmation(identity.code_at(offer.totp_seed, entrance.database.clock.now()))


def enrolment(entrance: identity.Entrance, offer: identity.EnrolmentOffer) -> identity.Enrolment:
    return identity.Enrolment(offer.token, PASSWORD, confirmation(entrance, offer))


def begin(entrance: identity.Entrance, code: identity.EnrolmentCode) -> identity.EnrolmentOffer:
    return identity.begin_enrolment(entrance, LOGIN, code.code, VISIT)


def status_of(entrance: identity.Entrance, account: kernel.AccountId) -> identity.AccountStatus:
    with entrance.database.reading() as uow:
        return identity.open_account(uow, account).status


def test_enrolment_makes_an_account_that_signs_in(
    entrance: identity.Entrance, code: identity.EnrolmentCode, clock: kernel.SettableClock
) -> None:
    assert status_of(entrance, code.account) is identity.AccountStatus.INVITED

    person = enrol(entrance, LOGIN, code)

    assert status_of(entrance, code.account) is identity.AccountStatus.ACTIVE
    clock.advance(timedelta(seconds=30))
    pending = identity.begin_sign_in(entrance, identity.Credentials(LOGIN, PASSWORD))
    proof = identity.TotpCode(identity.code_at(person.seed, clock.now()))
    caller = identity.finish_sign_in(entrance, pending.token, proof, VISIT).caller
    assert (caller.account, caller.role, caller.profession) == (
        code.account,
        identity.Role.PROFESSIONAL,
        identity.Profession.NURSE,
    )


def test_enrolment_code_is_read_however_it_was_typed(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    typed = f" {code.code.lower().replace('-', ' ')} "

    assert identity.begin_enrolment(entrance, LOGIN.upper(), typed, VISIT).name == "Camille Essai"


def test_enrolment_refuses_a_wrong_code_an_unknown_login_and_another_account_alike(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        other = identity.invite(uow, administrator, replace(INVITATION, login="other@example.test"))

    refusals = set()
    for login, given in (
        (LOGIN, "AAAA-BBBB-CCCC"),
        ("nobody@example.test", code.code),
        (LOGIN, other.code),
        (LOGIN, ""),
    ):
        with pytest.raises(identity.EnrolmentRefused) as refused:
            identity.begin_enrolment(entrance, login, given, VISIT)
        refusals.add(str(refused.value))
    assert refusals == {"enrolment"}


def test_enrolment_code_ends_after_seven_days(
    entrance: identity.Entrance, code: identity.EnrolmentCode, clock: kernel.SettableClock
) -> None:
    assert code.expires_at - clock.now() == timedelta(days=7)
    clock.advance(timedelta(days=7))

    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)


def test_strangers_cannot_use_an_enrolment_code_up(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    for number in range(30):
        elsewhere = identity.Visit(f"web 198.51.{number}.7", "Firefox")
        with pytest.raises(identity.EnrolmentRefused):
            identity.begin_enrolment(entrance, LOGIN, "AAAA-BBBB-CCCC", elsewhere)

    assert begin(entrance, code).name == "Camille Essai"


def test_enrolment_is_throttled(entrance: identity.Entrance, code: identity.EnrolmentCode) -> None:
    for _ in range(10):
        with pytest.raises(identity.EnrolmentRefused):
            identity.begin_enrolment(entrance, "nobody@example.test", code.code, VISIT)

    with pytest.raises(identity.Throttled):
        identity.begin_enrolment(entrance, "nobody@example.test", code.code, VISIT)


def test_enrolment_code_is_worth_nothing_after_use(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    enrol(entrance, LOGIN, code)

    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)


def test_enrolment_is_for_invited_accounts_alone(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        set_status(uow, code.account, identity.AccountStatus.SUSPENDED)

    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)


def test_enrolment_completes_once_under_concurrency(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    offers = [begin(entrance, code) for _ in range(4)]

    def completes(offer: identity.EnrolmentOffer) -> bool:
        try:
            identity.complete_enrolment(entrance, enrolment(entrance, offer), VISIT)
        except identity.EnrolmentRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(completes, offers * 2)) == 1


def test_enrolment_offer_ends_after_half_an_hour(
    entrance: identity.Entrance, code: identity.EnrolmentCode, clock: kernel.SettableClock
) -> None:
    offer = begin(entrance, code)
    clock.advance(timedelta(minutes=30))

    with pytest.raises(identity.EnrolmentRefused):
        identity.complete_enrolment(entrance, enrolment(entrance, offer), VISIT)


def test_enrolment_says_why_a_password_is_refused_and_stays_open(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    answer = enrolment(entrance, begin(entrance, code))

    with pytest.raises(identity.PasswordTooShort):
        identity.complete_enrolment(entrance, replace(answer, password="short"), VISIT)
    with pytest.raises(identity.PasswordTooGuessable):
        identity.complete_enrolment(entrance, replace(answer, password="Camille Essai Tilleuls"), VISIT)
    assert status_of(entrance, code.account) is identity.AccountStatus.INVITED
    assert identity.complete_enrolment(entrance, answer, VISIT).account == code.account


def test_enrolment_refuses_a_factor_that_does_not_work_and_stays_open(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    offer = begin(entrance, code)
    answer = enrolment(entrance, offer)

    for factor in (
        identity.TotpConfirmation("12345"),
        identity.PasskeyRegistration(offer.passkey.token, "no response"),
    ):
        with pytest.raises(identity.FactorNotConfirmed):
            identity.complete_enrolment(entrance, replace(answer, factor=factor), VISIT)
    assert status_of(entrance, code.account) is identity.AccountStatus.INVITED
    assert identity.complete_enrolment(entrance, answer, VISIT).account == code.account


def test_enrolment_refuses_the_passkey_challenge_of_another_account(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        other = identity.invite(uow, administrator, replace(INVITATION, login="other@example.test"))
    theirs = identity.begin_enrolment(entrance, "other@example.test", other.code, VISIT).passkey
    registration = identity.PasskeyRegistration(theirs.token, Authenticator().register(theirs.options_json))
    answer = identity.Enrolment(begin(entrance, code).token, PASSWORD, registration)

    with pytest.raises(identity.FactorNotConfirmed):
        identity.complete_enrolment(entrance, answer, VISIT)


def test_password_alone_never_leads_to_a_session_nor_to_a_factor(
    entrance: identity.Entrance, code: identity.EnrolmentCode
) -> None:
    # AUT-02: before enrolment there is no password; the pending sign-in of one typed opens nothing.
    offer = begin(entrance, code)
    pending = identity.begin_sign_in(entrance, identity.Credentials(LOGIN, PASSWORD))

    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(
            entrance, pending.token, identity.TotpCode(confirmation(entrance, offer).code), VISIT
        )
    with pytest.raises(identity.EnrolmentRefused):
        identity.complete_enrolment(entrance, replace(enrolment(entrance, offer), token=pending.token), VISIT)


def test_invite_refuses_a_login_that_is_taken(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with pytest.raises(identity.LoginTaken), entrance.database.unit_of_work() as uow:
        identity.invite(uow, administrator, replace(INVITATION, login=LOGIN.upper()))


def test_invite_gives_a_login_once_under_concurrency(
    entrance: identity.Entrance, administrator: identity.Caller
) -> None:
    def invites(_: int) -> bool:
        try:
            with entrance.database.unit_of_work() as uow:
                identity.invite(uow, administrator, INVITATION)
        except identity.LoginTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(invites, range(4))) == 1


@pytest.mark.parametrize(
    ("inviting", "invited", "allowed"),
    [
        (identity.Role.ADMINISTRATOR, identity.Role.ADMINISTRATOR, True),
        (identity.Role.ADMINISTRATOR, identity.Role.DPO, True),
        (identity.Role.ADMINISTRATOR, identity.Role.PATIENT, True),
        (identity.Role.PROFESSIONAL, identity.Role.PATIENT, True),
        (identity.Role.PROFESSIONAL, identity.Role.ADMINISTRATOR, False),
        (identity.Role.PROFESSIONAL, identity.Role.DPO, False),
        (identity.Role.DPO, identity.Role.PATIENT, False),
        (identity.Role.PATIENT, identity.Role.PATIENT, False),
    ],
)
def test_invite_asks_who_invites_whom(
    entrance: identity.Entrance,
    inviting: identity.Role,
    invited: identity.Role,
    allowed: bool,
) -> None:
    profession = (
        identity.Profession.NURSE if inviting is identity.Role.PROFESSIONAL else identity.Profession.NONE
    )
    with entrance.database.unit_of_work() as uow:
        account = make_account(uow, make_organisation(uow), inviting, profession=profession)
        caller = signed_in(uow, account)
    invitation = identity.Invitation(LOGIN, "Camille Essai", invited)

    with entrance.database.unit_of_work() as uow:
        if allowed:
            invited_account = identity.invite(uow, caller, invitation).account
            assert identity.open_account(uow, invited_account).organisation == caller.organisation
        else:
            with pytest.raises(identity.NotPermitted):
                identity.invite(uow, caller, invitation)


@pytest.mark.parametrize(
    ("role", "profession"),
    [
        (identity.Role.PROFESSIONAL, identity.Profession.NONE),
        (identity.Role.PATIENT, identity.Profession.PHYSICIAN),
        (identity.Role.ADMINISTRATOR, identity.Profession.NURSE),
    ],
)
def test_invite_refuses_a_role_with_a_profession_that_is_not_its_own(
    entrance: identity.Entrance,
    administrator: identity.Caller,
    role: identity.Role,
    profession: identity.Profession,
) -> None:
    with pytest.raises(identity.NotPermitted), entrance.database.unit_of_work() as uow:
        identity.invite(uow, administrator, replace(INVITATION, role=role, profession=profession))


def test_renew_enrolment_code_ends_the_former_one(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    offer = begin(entrance, code)
    with entrance.database.unit_of_work() as uow:
        renewed = identity.renew_enrolment_code(uow, administrator, code.account)

    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)
    with pytest.raises(identity.EnrolmentRefused):
        identity.complete_enrolment(entrance, enrolment(entrance, offer), VISIT)
    assert begin(entrance, renewed).name == "Camille Essai"


def test_renew_enrolment_code_is_refused_once_enrolled(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    enrol(entrance, LOGIN, code)

    with pytest.raises(identity.NotPermitted), entrance.database.unit_of_work() as uow:
        identity.renew_enrolment_code(uow, administrator, code.account)


def test_renew_enrolment_code_is_refused_to_who_may_not_invite(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, administrator.organisation)
        nurse = signed_in(uow, make_professional(uow, organisation))
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))

    with pytest.raises(identity.NotPermitted), entrance.database.unit_of_work() as uow:
        identity.renew_enrolment_code(uow, nurse, code.account)
    with pytest.raises(identity.AccountNotFound), entrance.database.unit_of_work() as uow:
        identity.renew_enrolment_code(uow, stranger, code.account)


def test_first_administrator_begins_an_installation(entrance: identity.Entrance) -> None:
    new = identity.NewOrganisation("Cabinet des Tilleuls", identity.OrganisationKind.PRACTICE)
    with entrance.database.unit_of_work() as uow:
        first = identity.first_administrator(uow, new, login=LOGIN, name="Camille Essai")

    enrolled = enrol_with_passkey(entrance, LOGIN, first.enrolment, Authenticator())

    with entrance.database.reading() as uow:
        account = identity.open_account(uow, enrolled.account)
    assert (account.organisation, account.role) == (first.organisation, identity.Role.ADMINISTRATOR)


def test_administrator_enrols_with_a_passkey_and_has_nothing_else(entrance: identity.Entrance) -> None:
    """LAW-71: no password, no application, no recovery code."""
    code, offer = administrator_offered(entrance)
    application = identity.TotpConfirmation("123456")
    with pytest.raises(identity.PasskeyNeeded):
        identity.complete_enrolment(entrance, identity.Enrolment(offer.token, PASSWORD, application), VISIT)
    device = Authenticator()
    registration = identity.PasskeyRegistration(
        offer.passkey.token, device.register(offer.passkey.options_json)
    )

    enrolled = identity.complete_enrolment(
        entrance, identity.Enrolment(offer.token, PASSWORD, registration), VISIT
    )

    assert (offer.passkeys_only, offer.totp_seed, offer.totp_uri) == (True, "", "")
    assert enrolled.recovery_codes == ()
    with entrance.database.reading() as uow:
        caller = passkey_sign_in(entrance, device)
        assert [each.kind for each in identity.list_factors(uow, caller)] == [identity.FactorKind.PASSKEY]
        assert (load_password(uow, code.account), identity.recovery_codes_left(uow, caller)) == (None, 0)


def test_administrator_adds_no_application_and_makes_no_recovery_codes(
    entrance: identity.Entrance,
) -> None:
    code, _ = administrator_offered(entrance)
    device = Authenticator()
    enrol_with_passkey(entrance, LOGIN, code, device)
    caller = replace(passkey_sign_in(entrance, device), stepped_up_at=entrance.database.clock.now())

    with pytest.raises(identity.PasskeyNeeded):
        identity.begin_totp(entrance, caller)
    with pytest.raises(identity.PasskeyNeeded):
        identity.confirm_totp(entrance, caller, "token", identity.TotpConfirmation("123456"))
    with pytest.raises(identity.PasskeyNeeded), entrance.database.unit_of_work() as uow:
        identity.renew_recovery_codes(uow, caller, entrance.rules)


def test_administrator_keeps_the_last_passkey_whatever_else_there_is(entrance: identity.Entrance) -> None:
    """An application that was added while the rule was off signs no administrator in."""
    code, _ = administrator_offered(entrance)
    device = Authenticator()
    enrol_with_passkey(entrance, LOGIN, code, device)
    caller = replace(passkey_sign_in(entrance, device), stepped_up_at=entrance.database.clock.now())
    lenient = replace(entrance, rules=replace(entrance.rules, administrators_use_passkeys=False))
    offer = identity.begin_totp(lenient, caller)
    now = identity.code_at(offer.seed, entrance.database.clock.now())
    identity.confirm_totp(lenient, caller, offer.token, identity.TotpConfirmation(now))
    with entrance.database.reading() as uow:
        held = {each.kind: each for each in identity.list_factors(uow, caller)}
    passkey, application = held[identity.FactorKind.PASSKEY], held[identity.FactorKind.TOTP]

    with pytest.raises(identity.LastFactor), entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, caller, passkey.id, entrance.rules)
    with entrance.database.unit_of_work() as uow:
        identity.remove_factor(uow, caller, application.id, entrance.rules)


def test_administrator_enrols_as_others_do_where_the_rule_is_off(entrance: identity.Entrance) -> None:
    lenient = replace(entrance, rules=replace(entrance.rules, administrators_use_passkeys=False))

    assert not administrator_offered(lenient)[1].passkeys_only


def test_administrator_of_a_demonstration_enrols_as_others_do(entrance: identity.Entrance) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.declare_demonstration(uow)

    assert not administrator_offered(entrance)[1].passkeys_only


def administrator_offered(
    entrance: identity.Entrance,
) -> tuple[identity.EnrolmentCode, identity.EnrolmentOffer]:
    new = identity.NewOrganisation("Cabinet des Tilleuls", identity.OrganisationKind.PRACTICE)
    with entrance.database.unit_of_work() as uow:
        first = identity.first_administrator(uow, new, login=LOGIN, name="Camille Essai")
    code = first.enrolment
    return code, identity.begin_enrolment(entrance, LOGIN, code.code, VISIT)


def test_suspension_ends_everything_an_account_has_open(
    entrance: identity.Entrance,
    administrator: identity.Caller,
    code: identity.EnrolmentCode,
    clock: kernel.SettableClock,
) -> None:
    person = enrol(entrance, LOGIN, code)
    clock.advance(timedelta(seconds=30))
    credentials = identity.Credentials(LOGIN, PASSWORD)
    proof = identity.TotpCode(identity.code_at(person.seed, clock.now()))
    opened = identity.finish_sign_in(
        entrance, identity.begin_sign_in(entrance, credentials).token, proof, VISIT
    )

    pending = identity.begin_sign_in(entrance, credentials)
    with entrance.database.unit_of_work() as uow:
        identity.suspend_account(uow, administrator, person.account)
    clock.advance(timedelta(seconds=30))
    proof = identity.TotpCode(identity.code_at(person.seed, clock.now()))
    with pytest.raises(identity.SignInRefused):
        identity.finish_sign_in(entrance, pending.token, proof, VISIT)

    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, opened.token, VISIT.origin)
    with entrance.database.unit_of_work() as uow:
        identity.reinstate_account(uow, administrator, person.account)
    assert status_of(entrance, person.account) is identity.AccountStatus.ACTIVE
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(entrance.database, opened.token, VISIT.origin)


def test_suspension_of_an_invited_account_ends_its_code(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.suspend_account(uow, administrator, code.account)
    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)

    with entrance.database.unit_of_work() as uow:
        identity.reinstate_account(uow, administrator, code.account)
    assert status_of(entrance, code.account) is identity.AccountStatus.INVITED
    with pytest.raises(identity.EnrolmentRefused):
        begin(entrance, code)


def test_suspension_is_refused(
    entrance: identity.Entrance, administrator: identity.Caller, code: identity.EnrolmentCode
) -> None:
    with entrance.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, administrator.organisation)
        nurse = signed_in(uow, make_professional(uow, organisation))
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))

    for caller, account, refusal in (
        (nurse, code.account, identity.NotPermitted),
        (stranger, code.account, identity.AccountNotFound),
        (administrator, administrator.account, identity.OwnSuspension),
        (administrator, kernel.AccountId(kernel.new_id()), identity.AccountNotFound),
    ):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.suspend_account(uow, caller, account)
    for caller, account, refusal in (
        (nurse, code.account, identity.NotPermitted),
        (administrator, code.account, identity.NotPermitted),
    ):
        with pytest.raises(refusal), entrance.database.unit_of_work() as uow:
            identity.reinstate_account(uow, caller, account)
    assert status_of(entrance, code.account) is identity.AccountStatus.INVITED
