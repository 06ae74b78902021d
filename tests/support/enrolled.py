"""People with passkeys, for the tests of factors and recoveries."""

from serment import identity, kernel
from support.authenticator import Authenticator
from support.identity import PASSWORD, VISIT


def enrol_with_passkey(
    entrance: identity.Entrance, login: str, code: identity.EnrolmentCode, device: Authenticator
) -> identity.Enrolled:
    """Complete an enrolment with a passkey; the password is set where one is used."""
    offer = identity.begin_enrolment(entrance, login, code.code, VISIT)
    answer = device.register(offer.passkey.options_json)
    registration = identity.PasskeyRegistration(offer.passkey.token, answer, "Clé")
    return identity.complete_enrolment(
        entrance, identity.Enrolment(offer.token, PASSWORD, registration), VISIT
    )


def passkey_sign_in(entrance: identity.Entrance, device: Authenticator) -> identity.Caller:
    """Sign in with a passkey alone."""
    challenge = identity.begin_passkey_sign_in(entrance)
    given = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
    return identity.finish_passkey_sign_in(entrance, given, VISIT).caller


def equipped(
    entrance: identity.Entrance, role: identity.Role, login: str, administrator: identity.Caller
) -> tuple[kernel.AccountId, Authenticator]:
    """Invite and enrol somebody of a role into an administrator's organisation, with a passkey of their own."""
    exercises = role is identity.Role.PROFESSIONAL
    profession = identity.Profession.PHYSICIAN if exercises else identity.Profession.NONE
    with entrance.database.unit_of_work() as uow:
        code = identity.invite(
            uow, administrator, identity.Invitation(login, f"Personne {login}", role, profession)
        )
    device = Authenticator(credential_id=f"passkey of {login}".encode())
    enrol_with_passkey(entrance, login, code, device)
    return code.account, device
